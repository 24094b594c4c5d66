import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take minutes, most of it waiting, the longest first. Begun last, as their few lines would have it, one of them would end alone. */
const LONG = [
  "e2e/app",
  "failures/matrix",
  "failures/kills",
  "flow/learning",
  "flow/models",
  "e2e/backups",
  "flow/targets",
  "flow/predictions",
];

/** Order of a fresh checkout, which knows no durations yet: long files first, then as Vitest has it. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((name) => moduleId.endsWith(`tests/${name}.test.ts`));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome } from "./scene.ts";

export interface Row extends Outcome {
  readonly fault: string;
  readonly injected: string;
}

const COLUMNS = ["fault", "how it is made", "said by the source", "in the file", "doubled", "lost", "what health said"] as const;

/** Prints the failure matrix as it was just played, and leaves it as Markdown and JSON in the temporary folder. */
export function printTable(rows: readonly Row[]): void {
  const lines = [COLUMNS, COLUMNS.map(() => "---"), ...rows.map(cells)].map((each) => `| ${each.join(" | ")} |`);
  const text = `${lines.join("\n")}\n`;
  const path = join(tmpdir(), "ml-data-layer-failure-matrix");
  writeFileSync(`${path}.md`, text);
  writeFileSync(`${path}.json`, `${JSON.stringify(rows, null, 2)}\n`);
  process.stdout.write(`\n${text}\nThe same: ${path}.md, ${path}.json\n`);
}

function cells({ fault, injected, sent, inFile, doubled, lost, health }: Row): readonly (string | number)[] {
  return [fault, injected, sent, inFile, doubled.length, lost.length, health.replaceAll("|", "/")];
}

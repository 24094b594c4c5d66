import { words } from "../../words/words.ts";
import { levelOf } from "./subject.ts";

interface LevelsProps {
  readonly of: { readonly model: string | null; readonly unit: string | null };
  readonly before: number | null;
  readonly after: number | null;
}

/** The level before a change and since, one above the other; counts and shares with bars, because they have a zero. */
export function Levels({ of, before, after }: LevelsProps) {
  if (before === null || after === null) return null;
  const say = words.changes.level;
  const most = of.model === "gaussian" || of.model === null ? 0 : Math.max(before, after);
  return (
    <dl class="levels">
      {[
        [say.before, before],
        [say.after, after],
      ].map(([name, mean]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {levelOf(of, mean as number)}
            {most > 0 && (
              <span class="level-bar" aria-hidden="true">
                <span style={{ width: `${(100 * (mean as number)) / most}%` }} />
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

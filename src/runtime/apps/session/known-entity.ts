import { createGlobs } from "../../../core/features/glob.ts";
import type { States } from "../home/states.ts";

/** Null for an entity that is there, or a pattern that matches one; else what to say about it, with the name that was meant, perhaps. */
export function knownEntity(states: States, text: string): string | null {
  if (states.get(text) !== null || text === "*") return null;
  const ids = [...states.all()].map((state) => state.entityId);
  if (/[*?]/.test(text)) {
    const matches = createGlobs([text]);
    return ids.some(matches) ? null : `No entity of the home matches ${text} yet.`;
  }
  const near = ids.map((entityId) => ({ entityId, steps: distance(text, entityId) })).sort((a, b) => a.steps - b.steps)[0];
  const hint = near !== undefined && near.steps <= 3 ? ` Is ${near.entityId} meant?` : "";
  return `The home has no entity ${text} yet.${hint}`;
}

/** How many letters differ (Levenshtein), as far as 4. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 4;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

import { createGlobs } from "../../../core/features/glob.ts";
import type { States } from "../home/states.ts";
import { nearestName } from "../nearest-name.ts";

/** Null for an entity that is there, or a pattern that matches one; else what to say about it, with the name that was meant, perhaps. */
export function knownEntity(states: States, text: string): string | null {
  if (states.get(text) !== null || text === "*") return null;
  const ids = [...states.all()].map((state) => state.entityId);
  if (/[*?]/.test(text)) {
    const matches = createGlobs([text]);
    return ids.some(matches) ? null : `No entity of the home matches ${text} yet.`;
  }
  const near = nearestName(text, ids, 3);
  return `The home has no entity ${text} yet.${near === null ? "" : ` Is ${near} meant?`}`;
}

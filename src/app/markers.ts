import type { Clock } from "../core/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { DegradedMarker } from "../store/tables/metadata.ts";
import type { Writer } from "../store/writer.ts";

/** What is not as it should be: said once in the log when it begins and ends, and kept in the database while it lasts. */
export interface Markers {
  mark(marker: DegradedMarker): Promise<void>;
  clear(code: string): Promise<void>;
  /** A stage in another thread has marked or cleared it: here it is said. */
  noteMarked(marker: DegradedMarker): void;
  noteCleared(code: string): void;
  reportOptions(findings: readonly string[]): Promise<void>;
  /** An attribute had a value longer than a state may be. */
  reportTooLong(entityId: string): Promise<void>;
  /** Patterns of the choice that match nothing in this home. */
  reportChoice(findings: readonly string[]): Promise<void>;
  /** Differences between the views of the file and what they promise, in words. */
  reportContracts(problems: readonly string[]): Promise<void>;
}

export function createMarkers(writer: Writer, clock: Clock, log: Log): Markers {
  const standing = new Map<string, string>();
  const tooLong = new Set<string>();
  const wordsOf = ({ cause, effect, remedy }: DegradedMarker): string => `${cause} ${effect} ${remedy}`;
  async function mark(marker: DegradedMarker): Promise<void> {
    if (standing.get(marker.code) === wordsOf(marker)) return;
    await writer.write("markDegraded", { ...marker, sinceMs: clock.nowMs() });
    noteMarked(marker);
  }
  function noteMarked(marker: DegradedMarker): void {
    const words = wordsOf(marker);
    if (standing.get(marker.code) === words) return;
    standing.set(marker.code, words);
    log.warn(words, { code: marker.code });
  }
  async function clear(code: string): Promise<void> {
    const cleared = await writer.write("clearDegraded", { code });
    if (standing.has(code) || cleared > 0) noteCleared(code);
  }
  function noteCleared(code: string): void {
    standing.delete(code);
    log.info("this is in order again", { code });
  }
  return {
    mark,
    clear,
    noteMarked,
    noteCleared,
    async reportContracts(problems) {
      if (problems.length === 0) return clear("contract_broken");
      await mark({
        code: "contract_broken",
        cause: `Views of the database are not what they promise: ${problems.join("; ")}.`,
        effect: "Readers of these views may find no column or another meaning.",
        remedy: "Another program may have changed the file. Restart the app: it makes its views anew.",
      });
    },
    async reportTooLong(entityId) {
      tooLong.add(entityId);
      await mark({
        code: "attribute_too_long",
        cause: `Values longer than 255 characters came from ${[...tooLong].sort().join(", ")}.`,
        effect: "Such a value is stored as unknown.",
        remedy: "Take it out of the option attributes, or leave it: shorter values are stored.",
      });
    },
    async reportChoice(findings) {
      if (tooLong.size === 0) await clear("attribute_too_long");
      if (findings.length === 0) return clear("choice_matches_nothing");
      await mark({
        code: "choice_matches_nothing",
        cause: findings.join(" "),
        effect: "These patterns choose nothing; the others work.",
        remedy: "Correct or remove them in the app's configuration and restart it. An entity that appears later is taken by itself.",
      });
    },
    async reportOptions(findings) {
      if (findings.length === 0) return clear("options_wrong");
      await mark({
        code: "options_wrong",
        cause: findings.join(" "),
        effect: "What cannot be used is left out or has its default; everything else works as it was set.",
        remedy: "Correct them in the app's configuration and restart it.",
      });
    },
  };
}

import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/reason.ts";
import type { Log } from "../runtime/log.ts";
import type { DegradedMarker } from "../store/tables/metadata.ts";
import type { Writer } from "../store/writer.ts";
import { createOwedMarkers } from "./owed-markers.ts";

/** What is not as it should be: said once in the log when it begins and ends, and kept in the database while it lasts. A write that fails is tried again: nobody else has to. */
export interface Markers {
  /** Resolves once the database says it, or cannot at present. Never rejects; so does `clear`. */
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
  stop(): void;
}

export function createMarkers(writer: Writer, clock: Clock, log: Log): Markers {
  const standing = new Map<string, string>();
  /** Their end was said when it was wished for; others that are found in the file are of a run before this one. */
  const saidCleared = new Set<string>();
  const tooLong = new Set<string>();
  const wordsOf = ({ cause, effect, remedy }: DegradedMarker): string => `${cause} ${effect} ${remedy}`;
  const owed = createOwedMarkers({
    writer,
    clock,
    onCleared(code, count) {
      if (!saidCleared.delete(code) && count > 0 && !standing.has(code)) sayCleared(code);
    },
    onTrouble: (error) =>
      log.warn("what is not as it should be cannot be written at present; it is tried again", { error: reasonOf(error) }),
  });
  function say({ code, ...marker }: DegradedMarker): boolean {
    const words = wordsOf({ code, ...marker });
    if (standing.get(code) === words) return false;
    standing.set(code, words);
    saidCleared.delete(code);
    log.warn(words, { code });
    return true;
  }
  function sayCleared(code: string): void {
    standing.delete(code);
    log.info("this is in order again", { code });
  }
  async function mark(marker: DegradedMarker): Promise<void> {
    if (say(marker)) await owed.wish(marker.code, { ...marker, sinceMs: clock.nowMs() });
  }
  async function clear(code: string): Promise<void> {
    if (standing.has(code)) {
      sayCleared(code);
      saidCleared.add(code);
    }
    await owed.wish(code, "cleared");
  }
  return {
    mark,
    clear,
    noteMarked(marker) {
      owed.forget(marker.code);
      say(marker);
    },
    noteCleared(code) {
      owed.forget(code);
      sayCleared(code);
    },
    stop: owed.stop,
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

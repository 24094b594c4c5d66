import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** What a process writes that is not its log: lines of apps that go past it, and the last words of V8. */
export interface Output {
  /** Why it ended, as V8 said it. */
  lastWords(): string | null;
}

const LINES_PER_SECOND = 20;
/** With this V8 and Node begin pages of what only their makers read. */
const DYING = /^(<--- |#\s+Fatal|FATAL ERROR)|^\s*-+ Native stack/;
const FATAL = /^(?:#\s+)?(?:FATAL ERROR: |Fatal error in )(.*)/;

export function readOutput(streams: readonly Readable[], onLine: (line: string) => void): Output {
  let isDying = false;
  let lastWords: string | null = null;
  let second = 0;
  let told = 0;

  function read(line: string): void {
    lastWords ??= FATAL.exec(line)?.[1] ?? null;
    isDying ||= DYING.test(line);
    if (isDying || line.trim() === "") return;
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) [second, told] = [now, 0];
    told += 1;
    if (told <= LINES_PER_SECOND) onLine(line);
  }

  for (const stream of streams) createInterface({ input: stream }).on("line", read);
  return { lastWords: () => lastWords };
}

import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** What a process writes that is not its log: lines of apps that go past it, and the last words of V8. */
export interface Output {
  /** Why it ended, as V8 said it. */
  lastWords(): string | null;
}

const LINES_PER_SECOND = 20;
/** What is longer is cut: an app may never end its line. */
const LONGEST_LINE = 4_000;
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

  for (const stream of streams) cutIntoLines(stream, read);
  return { lastWords: () => lastWords };
}

function cutIntoLines(stream: Readable, read: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let line = "";
  let isCut = false;
  stream.on("data", (bytes: Buffer) => {
    const [first, ...others] = decoder.write(bytes).split("\n") as [string, ...string[]];
    grow(first);
    for (const next of others) {
      end();
      grow(next);
    }
  });
  stream.on("end", end);

  function grow(more: string): void {
    if (isCut) return;
    line += more.slice(0, LONGEST_LINE + 1 - line.length);
    if (line.length <= LONGEST_LINE) return;
    isCut = true;
    read(`${line.slice(0, LONGEST_LINE)}…`);
  }
  function end(): void {
    if (!isCut) read(line.replace(/\r$/, ""));
    [line, isCut] = ["", false];
  }
}

import { createHook } from "node:async_hooks";
import { writeSync } from "node:fs";
import type { WorkPlace } from "../process/at-work.ts";

/** Marks on the page from now on whether this thread is at work: from the first callback of a turn of the loop to the end of that turn. */
export function markWork({ fd, at }: WorkPlace): void {
  const [on, off] = [Uint8Array.of(1), Uint8Array.of(0)];
  let isMarked = false;

  function unmark(): void {
    isMarked = false;
    writeSync(fd, off, 0, 1, at);
  }
  function mark(): void {
    if (isMarked) return;
    isMarked = true;
    writeSync(fd, on, 0, 1, at);
    setImmediate(unmark);
  }
  // Promises go on within the callback that settles them.
  createHook({ before: mark, trackPromises: false }).enable();
  mark();
}

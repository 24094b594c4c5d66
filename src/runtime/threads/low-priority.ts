import { setPriority } from "node:os";

/**
 * Loaded first in a thread that computes for long: on a machine with two cores it must not keep the websocket's thread waiting, for Home
 * Assistant ends a client that lags. Linux keeps a priority per thread and means the calling one by 0; elsewhere it would be the whole process.
 */
const NICE = 10;
if (process.platform === "linux") {
  try {
    setPriority(0, NICE);
  } catch {
    // A container may forbid it: then the thread is as important as the others.
  }
}

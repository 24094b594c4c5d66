import type { Config } from "../config/config.ts";
import type { Clock, ClockParameters } from "../core/clock.ts";
import type { Log } from "../runtime/log.ts";

/** It cannot be done yet; the message says what is waited for. */
export class NotReady extends Error {
  readonly code = "not_ready";
  constructor(message: string) {
    super(message);
    this.name = "NotReady";
  }
}

/** What main.ts hands to the app. */
export interface AppParts {
  readonly config: Config;
  /** Where Home Assistant answers. */
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly clockParameters: ClockParameters;
  readonly version: string;
  readonly log: Log;
  /** The writer thread died, or the file could not be taken up again: nothing can be stored any more, so the process must end and be started anew. */
  readonly onFatal: (error: Error) => void;
}

import type { MessagePort } from "node:worker_threads";
import type { ClockParameters } from "../../core/clock.ts";
import type { StageOptions } from "../../flow/stage.ts";

/** What a stage thread is started with. */
export interface StageThreadData {
  readonly dbPath: string;
  readonly clock: ClockParameters;
  readonly options: StageOptions;
  readonly writerPort: MessagePort;
  /** Two Int32: the number of the call to give up (the first is 1), or CANCEL_ALL; and how far the call under way is, in thousandths. */
  readonly cancelFlag: SharedArrayBuffer;
}

export const CANCEL_ALL = -1;

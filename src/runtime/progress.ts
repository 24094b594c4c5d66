import type { Clock } from "../core/clock.ts";

const TERMINAL_PERIOD_MS = 200;
const PLAIN_PERIOD_MS = 5000;
const QUIET_MS = 2000;

export interface Progress {
  /** `share` done, 0 to 1; `words` may add counts. */
  show(share: number, words?: string): void;
  end(): void;
}

/** Tells on stderr how far a long work is: one line rewritten on a terminal, plain lines now and then elsewhere. Silent for the first two seconds. */
export function progressLine(clock: Clock, title: string): Progress {
  const startedMs = clock.nowMs();
  const isTerminal = process.stderr.isTTY === true;
  let shownMs = startedMs + QUIET_MS - TERMINAL_PERIOD_MS;
  let hasShown = false;
  return {
    show(share, words = "") {
      const nowMs = clock.nowMs();
      if (nowMs - shownMs < (isTerminal ? TERMINAL_PERIOD_MS : hasShown ? PLAIN_PERIOD_MS : TERMINAL_PERIOD_MS)) return;
      shownMs = nowMs;
      hasShown = true;
      const leftS = share > 0 ? Math.round(((nowMs - startedMs) * (1 - share)) / share / 1000) : null;
      const text = `${title}: ${Math.floor(share * 100)} %${words === "" ? "" : `, ${words}`}${leftS === null ? "" : `, about ${leftS} s left`}`;
      process.stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
    },
    end() {
      if (hasShown && isTerminal) process.stderr.write("\r\x1b[K");
    },
  };
}

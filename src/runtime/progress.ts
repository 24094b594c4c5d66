import type { Clock } from "../core/clock.ts";

const TERMINAL_PERIOD_MS = 200;
const PLAIN_PERIOD_MS = 5000;
const QUIET_MS = 2000;
const BAR_CELLS = 24;

/** How far a long work is. */
export interface Step {
  /** Of the whole, 0 to 1. */
  readonly share: number;
  /** What was done so far, like `1200 events`; the rate is told with it. */
  readonly rows?: number;
  readonly unit?: string;
  /** Known better than from the share so far. */
  readonly leftMs?: number;
}

export interface Progress {
  show(step: Step): void;
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells on stderr how far a long work is: one bar redrawn on a terminal, plain lines now and then elsewhere. Silent for the first two seconds. */
export function progressLine(clock: Clock, title: string, screen: Screen = process.stderr): Progress {
  const isTerminal = screen.isTTY === true;
  let startedMs: number | null = null;
  let shownMs = 0;
  let hasShown = false;
  return {
    show({ share, rows, unit = "events", leftMs }) {
      const nowMs = clock.nowMs();
      if (startedMs === null) {
        startedMs = nowMs;
        shownMs = nowMs + QUIET_MS - TERMINAL_PERIOD_MS;
      }
      if (nowMs - shownMs < (isTerminal || !hasShown ? TERMINAL_PERIOD_MS : PLAIN_PERIOD_MS)) return;
      shownMs = nowMs;
      hasShown = true;
      const tookMs = nowMs - startedMs;
      const left = leftMs ?? (share > 0 ? (tookMs * (1 - share)) / share : 0);
      const counted = rows === undefined ? "" : `, ${rows} ${unit}, ${Math.round((rows * 1000) / Math.max(1, tookMs))} a second`;
      const words = `${Math.floor(share * 100)} %${counted}${left > 0 ? `, about ${durationText(left)} left` : ""}`;
      screen.write(isTerminal ? `\r\x1b[K${title} ${barOf(share)} ${words}` : `${title}: ${words}\n`);
    },
    end() {
      if (hasShown && isTerminal) screen.write("\r\x1b[K");
      startedMs = null;
      hasShown = false;
    },
  };
}

function barOf(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `[${"#".repeat(full)}${"-".repeat(BAR_CELLS - full)}]`;
}

/** `40 s`, `3 min`, `2 h 10 min`: as exact as it can be believed. */
function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

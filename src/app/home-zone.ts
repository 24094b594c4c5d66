import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/time.ts";
import type { Home } from "../hass/home.ts";
import type { Writer } from "../store/writer.ts";

const LOOK_EVERY_MS = MINUTE_MS;

/** The zone that the home is in. It may move while we listen: what its helpers show means the wall clock of the zone at that time. */
export interface HomeZone {
  /** Empty until Home Assistant told it. */
  name(): string;
  /** Home Assistant named it. */
  told(timeZone: string): Promise<void>;
  onChange(callback: (timeZone: string) => Promise<void>): void;
  start(): void;
  stop(): void;
}

export function followZone(home: Pick<Home, "config" | "state">, clock: Clock, writer: Writer): HomeZone {
  const callbacks: ((timeZone: string) => Promise<void>)[] = [];
  let timeZone = "";
  let stopLooking: (() => void) | null = null;

  async function told(name: string): Promise<void> {
    if (name === timeZone) return;
    timeZone = name;
    await writer.write("setMetadata", { time_zone: name });
    for (const callback of callbacks) await callback(name);
  }

  async function look(): Promise<void> {
    if (home.state().kind !== "connected" || timeZone === "") return;
    const answer = await home.config();
    if (answer.isRunning) await told(answer.timeZone);
  }

  return {
    name: () => timeZone,
    told,
    onChange: (callback) => void callbacks.push(callback),
    start() {
      // What fails here is the connection, which is told elsewhere.
      stopLooking = clock.timer(LOOK_EVERY_MS, () => void look().catch(() => undefined));
    },
    stop: () => stopLooking?.(),
  };
}

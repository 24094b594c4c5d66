import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/time.ts";
import { HomeError } from "../hass/failure.ts";
import type { Home } from "../hass/home.ts";
import type { Writer } from "../store/writer.ts";
import { coordinatesText, type ToldPlace } from "./home-place.ts";

const LOOK_EVERY_MS = MINUTE_MS;

/** The zone and place that the home is in. It may move while we listen: what its helpers show means the wall clock of the zone at that time. */
export interface HomeZone {
  /** Empty until Home Assistant told it. */
  name(): string;
  /** Home Assistant named it. */
  told(place: ToldPlace): Promise<void>;
  onChange(callback: (timeZone: string) => Promise<void>): void;
  start(): void;
  stop(): void;
}

export function followZone(home: Pick<Home, "config" | "state">, clock: Clock, writer: Writer, report: (error: unknown) => void): HomeZone {
  const callbacks: ((timeZone: string) => Promise<void>)[] = [];
  let timeZone = "";
  /** What is written and everybody was told of: what fails on the way is told again with the next word. */
  let known: { readonly timeZone: string; readonly coordinates: string } | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let stopLooking: (() => void) | null = null;

  function told(place: ToldPlace): Promise<void> {
    const mine = turn.then(() => tell(place));
    turn = mine.catch(() => undefined); // the caller gets the error; the next in line only waits
    return mine;
  }

  async function tell(place: ToldPlace): Promise<void> {
    const coordinates = coordinatesText(place);
    timeZone = place.timeZone;
    if (known?.timeZone === timeZone && known.coordinates === coordinates) return;
    await writer.write("setMetadata", { time_zone: timeZone, home_coordinates: coordinates });
    for (const callback of callbacks) await callback(timeZone);
    known = { timeZone, coordinates };
  }

  async function look(): Promise<void> {
    if (home.state().kind !== "connected" || timeZone === "") return;
    const answer = await home.config();
    if (answer.isRunning) await told(answer);
  }

  return {
    name: () => timeZone,
    told,
    onChange: (callback) => void callbacks.push(callback),
    start() {
      stopLooking = clock.timer(LOOK_EVERY_MS, () => {
        // What fails of the connection is told elsewhere.
        look().catch((error: unknown) => (error instanceof HomeError ? undefined : report(error)));
      });
    },
    stop: () => stopLooking?.(),
  };
}

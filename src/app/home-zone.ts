import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/time.ts";
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

export function followZone(home: Pick<Home, "config" | "state">, clock: Clock, writer: Writer): HomeZone {
  const callbacks: ((timeZone: string) => Promise<void>)[] = [];
  let timeZone = "";
  let coordinates: string | null = null;
  let stopLooking: (() => void) | null = null;

  async function told(place: ToldPlace): Promise<void> {
    const toldCoordinates = coordinatesText(place);
    if (place.timeZone === timeZone && toldCoordinates === coordinates) return;
    timeZone = place.timeZone;
    coordinates = toldCoordinates;
    await writer.write("setMetadata", { time_zone: timeZone, home_coordinates: coordinates });
    for (const callback of callbacks) await callback(timeZone);
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
      // What fails here is the connection, which is told elsewhere.
      stopLooking = clock.timer(LOOK_EVERY_MS, () => void look().catch(() => undefined));
    },
    stop: () => stopLooking?.(),
  };
}

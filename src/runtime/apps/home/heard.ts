import type { Place } from "../../schedule/place.ts";
import type { AppPorts } from "../ports.ts";
import { createEventListeners } from "./event-listeners.ts";
import { createLearned } from "./learned.ts";
import { createPlaces } from "./places.ts";
import { createStateListeners } from "./state-listeners.ts";
import { createStates } from "./states.ts";

/** What there is to hear of a home, and who listens. */
export type Heard = Pick<AppPorts, "states" | "stateListeners" | "eventListeners" | "learned" | "places">;

/** @param onType a type of event is listened to for the first time */
export function createHeard(
  { agenda, clock }: Pick<AppPorts, "agenda" | "clock">,
  place: Place,
  onType: (type: string) => void = () => undefined,
): Heard {
  const states = createStates();
  return {
    states,
    stateListeners: createStateListeners(states, agenda, clock.nowMs),
    eventListeners: createEventListeners(onType),
    learned: createLearned(),
    places: createPlaces(place),
  };
}

import { lowerPriority, NICE, ownThreadId } from "./priority.ts";

/**
 * Loaded first in a thread that computes for long: on a machine with two cores it must not keep the websocket's thread waiting, for Home
 * Assistant ends a client that lags.
 */
lowerPriority(ownThreadId(), NICE.patient);

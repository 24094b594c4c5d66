import { growingPauseMs } from "../core/pauses.ts";

const AUTH_PAUSES = { firstMs: 5_000, longestMs: 300_000 };
const NETWORK_PAUSES = { firstMs: 500, longestMs: 30_000 };

/**
 * How long to wait before try number `attempt` + 1, attempt >= 1. Rejected tokens wait longer: each try makes Home Assistant notify its owner.
 * @param random in [0, 1)
 */
export function pauseMs(attempt: number, tokenRejected: boolean, random: number): number {
  return growingPauseMs(attempt, tokenRejected ? AUTH_PAUSES : NETWORK_PAUSES, random);
}

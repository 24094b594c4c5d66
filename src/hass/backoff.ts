const AUTH_PAUSES = { firstMs: 5_000, longestMs: 300_000 };
const NETWORK_PAUSES = { firstMs: 500, longestMs: 30_000 };

/**
 * How long to wait before try number `attempt` + 1, attempt >= 1: doubled each time, with a quarter of jitter either way, so that many
 * clients do not come back at one instant. Rejected tokens wait longer: each try makes Home Assistant notify its owner.
 * @param random in [0, 1)
 */
export function pauseMs(attempt: number, tokenRejected: boolean, random: number): number {
  const { firstMs, longestMs } = tokenRejected ? AUTH_PAUSES : NETWORK_PAUSES;
  const pause = Math.min(firstMs * 2 ** (attempt - 1), longestMs);
  return Math.min(longestMs, Math.round(pause * (0.75 + random / 2)));
}

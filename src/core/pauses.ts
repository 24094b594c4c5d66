/** The shortest and the longest pause between two tries. */
export interface Pauses {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait before try number `attempt` + 1, attempt >= 1: doubled each time, with a quarter of jitter either way, so that many
 * clients do not come back at one instant.
 * @param random in [0, 1)
 */
export function growingPauseMs(attempt: number, { firstMs, longestMs }: Pauses, random: number): number {
  const pause = Math.min(firstMs * 2 ** (attempt - 1), longestMs);
  return Math.min(longestMs, Math.round(pause * (0.75 + random / 2)));
}

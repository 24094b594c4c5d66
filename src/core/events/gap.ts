/** Why nobody listened. */
export const GAP_REASONS = ["not running", "disconnected", "writer behind", "newly chosen", "clock jumped"] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** `open` = still to be fetched; `partly` = of some entities only the newest state is known; `lost` = cannot be known any more. */
export const GAP_OUTCOMES = ["open", "filled", "partly", "lost"] as const;
export type GapOutcome = (typeof GAP_OUTCOMES)[number];

/** Why it cannot be fetched. */
export const GAP_WHYS = ["purged by the recorder", "not in the recorder"] as const;
export type GapWhy = (typeof GAP_WHYS)[number];

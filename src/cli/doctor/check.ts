export type CheckState = "ok" | "warn" | "fail";

/** One thing that was looked at. A remedy says what to do; an `ok` has none. */
export interface Check {
  readonly name: string;
  readonly state: CheckState;
  readonly words: string;
  readonly remedy: string | null;
  /** Since when it has been so, where that is known. */
  readonly since?: string;
}

export const ok = (name: string, words: string): Check => ({ name, state: "ok", words, remedy: null });
export const warn = (name: string, words: string, remedy: string): Check => ({ name, state: "warn", words, remedy });
export const fail = (name: string, words: string, remedy: string): Check => ({ name, state: "fail", words, remedy });

export function worstOf(checks: readonly Check[]): CheckState {
  return (["fail", "warn"] as const).find((state) => checks.some((check) => check.state === state)) ?? "ok";
}

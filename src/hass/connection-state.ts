import type { Cause } from "./failure.ts";

/** How it stands with Home Assistant. `words` says what is wrong and what to do; instants are the clock's. */
export type ConnectionState =
  | { readonly kind: "connecting"; readonly sinceMs: number; readonly attempt: number }
  | { readonly kind: "connected"; readonly sinceMs: number; readonly haVersion: string }
  | {
      /** Not connected since `sinceMs`; the next try is due at `nextTryAtMs`. */
      readonly kind: "waiting" | "authFailed";
      readonly sinceMs: number;
      readonly reason: Cause;
      readonly words: string;
      readonly attempt: number;
      readonly nextTryAtMs: number;
    }
  | { readonly kind: "stopped"; readonly sinceMs: number };

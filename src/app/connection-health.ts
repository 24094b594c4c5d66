import type { Clock } from "../core/clock.ts";
import { isoMs } from "../core/time.ts";
import type { ConnectionState } from "../hass/connection-state.ts";
import type { Writer } from "../store/writer.ts";
import type { Markers } from "./markers.ts";
import { retry } from "./retry.ts";

/** How the connection to Home Assistant stands, as the health table and the markers say it. */
export interface ConnectionHealth {
  /** Resolves once it is written, or something newer has taken its place. */
  tell(state: ConnectionState): Promise<void>;
}

export function createConnectionHealth(parts: {
  readonly clock: Clock;
  readonly writer: Writer;
  readonly markers: Markers;
  readonly onTrouble: (error: unknown) => void;
  /** Ends all trying. */
  readonly signal: AbortSignal;
}): ConnectionHealth {
  const { clock, writer, markers, onTrouble, signal } = parts;
  let telling = new AbortController();

  /** Markers first, and not waited for: they are tried again by themselves, and what is written of the states keeps their order. */
  async function tellOnce(state: ConnectionState): Promise<void> {
    if (state.kind === "connected") {
      for (const code of ["home_assistant_unreachable", "token_rejected"]) void markers.clear(code);
      await writer.write("setHealth", { connection: state.kind, connected_since: isoMs(state.sinceMs), ha_version: state.haVersion });
      return;
    }
    if (state.kind === "waiting" || state.kind === "authFailed")
      void markers.mark({
        code: state.kind === "authFailed" ? "token_rejected" : "home_assistant_unreachable",
        cause: state.words,
        effect: "Nothing new is heard. Features and predictions go on with what is stored.",
        remedy: "What was missed is fetched from Home Assistant's recorder at the next connection.",
      });
    await writer.write("setHealth", { connection: state.kind });
  }

  return {
    async tell(state) {
      telling.abort();
      telling = new AbortController();
      await retry(clock, AbortSignal.any([telling.signal, signal]), () => tellOnce(state), onTrouble);
    },
  };
}

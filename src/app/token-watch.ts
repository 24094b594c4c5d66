import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/time.ts";
import { readTokens } from "../runtime/token-file.ts";
import type { Markers } from "./markers.ts";

export interface TokenWatchParts {
  readonly path: string;
  readonly clock: Clock;
  readonly markers: Markers;
  readonly onError: (error: unknown) => void;
}

/** Looks each minute whether the file of tokens can be read: who shows a token hears 401 alone. Returns the function that ends it. */
export function watchTokens({ path, clock, markers, onError }: TokenWatchParts): () => void {
  async function look(): Promise<void> {
    const words = troubleOf(path);
    if (words === null) return markers.clear("tokens_unreadable");
    await markers.mark({
      code: "tokens_unreadable",
      cause: words,
      effect: "Programs that show a token are answered 401. The page inside Home Assistant needs none.",
      remedy: "Restore the file from a backup of Home Assistant, or delete it and make the tokens anew by the command `token add`.",
    });
  }
  const lookNow = (): void => void look().catch(onError);
  lookNow();
  return clock.timer(MINUTE_MS, lookNow);
}

function troubleOf(path: string): string | null {
  try {
    readTokens(path);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

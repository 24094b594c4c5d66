import type { Clock } from "../core/clock.ts";
import { MINUTE_MS } from "../core/time.ts";
import { readTokens, TokensUnusable } from "../runtime/token-file.ts";
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
    const trouble = troubleOf(path);
    if (trouble === null) return markers.clear("tokens_unreadable");
    await markers.mark({
      code: "tokens_unreadable",
      cause: trouble.words,
      effect: "Programs that show a token are answered 401. The page inside Home Assistant needs none.",
      remedy: trouble.remedy,
    });
  }
  const lookNow = (): void => void look().catch(onError);
  lookNow();
  return clock.timer(MINUTE_MS, lookNow);
}

function troubleOf(path: string): TokensUnusable | null {
  try {
    readTokens(path);
    return null;
  } catch (error) {
    if (error instanceof TokensUnusable) return error;
    throw error;
  }
}

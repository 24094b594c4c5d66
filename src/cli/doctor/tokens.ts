import type { Config } from "../../config/config.ts";
import { readTokens, TokensUnusable, tokenFilePath } from "../../runtime/token-file.ts";
import { type Check, fail, ok } from "./check.ts";

/** Whether the tokens of programs on the network can be read. */
export function checkTokens(config: Config): Check[] {
  try {
    const count = readTokens(tokenFilePath(config)).length;
    return [ok("tokens", count === 0 ? "there is none, so programs on the network are not let in" : `${count} can be used`)];
  } catch (error) {
    if (!(error instanceof TokensUnusable)) throw error;
    return [fail("tokens", error.words, error.remedy)];
  }
}

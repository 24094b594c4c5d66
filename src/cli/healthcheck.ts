import { readConfig } from "../config.ts";
import { EXIT } from "../exit.ts";
import type { Command } from "./command.ts";

const ANSWER_LIMIT_MS = 4000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  usage: "healthcheck",
  summary: "Exits 0 when the app answers on its port; what the image's HEALTHCHECK runs.",
  async run(_words, environment) {
    const { port } = readConfig(environment);
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    return answer.ok ? EXIT.success : EXIT.failed;
  },
};

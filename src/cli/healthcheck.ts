import { readConfig } from "../config/config.ts";
import { EXIT } from "../exit.ts";
import type { Command } from "./command.ts";

const ANSWER_LIMIT_MS = 4000;

export const healthcheckCommand: Command = {
  name: "healthcheck",
  usage: "healthcheck",
  summary: "Exits 0 when the app answers on its port; what the image's HEALTHCHECK runs.",
  async run(_words, environment) {
    const address = `http://127.0.0.1:${readConfig(environment).port}/healthz`;
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      return answer.ok ? EXIT.success : EXIT.failed;
    } catch (cause) {
      throw new Error(`The app does not answer at ${address}. Start it (npm start), or set PORT to the port it was started with.`, {
        cause,
      });
    }
  },
};

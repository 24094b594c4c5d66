import { availableParallelism } from "node:os";
import type { Config } from "../config/config.ts";
import { plainSettings } from "./plain-settings.ts";

/** What `/api/v1/about` and the diagnostics tell of the process and its settings, without names of the home. */
export function processFacts(
  config: Pick<Config, "dbPath" | "insideHomeAssistant" | "home" | "options">,
  appVersion: string,
): Readonly<Record<string, unknown>> {
  return {
    databasePath: config.dbPath,
    appVersion,
    nodeVersion: process.version,
    platform: `${process.platform} ${process.arch}`,
    processors: availableParallelism(),
    rssBytes: process.memoryUsage.rss(),
    uptimeSeconds: Math.round(process.uptime()),
    isInsideHomeAssistant: config.insideHomeAssistant,
    isSimulated: config.home.kind === "simulated",
    settings: plainSettings(config.options),
  };
}

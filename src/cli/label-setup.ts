import { type Config, readConfig } from "../config/config.ts";
import { EXIT } from "../exit.ts";
import { type HelperOutcome, type SetupReport, setUpHelpers } from "../flow/label-setup.ts";
import { createHome, type Home } from "../hass/home.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { askRunningApp } from "../runtime/control.ts";
import { targetOptions } from "../runtime/stage-options.ts";
import { isOwned } from "../store/ownership.ts";
import { type Environment, printJson } from "./command.ts";

const CONNECT_LIMIT_MS = 20_000;

/** Makes the label helpers in Home Assistant, through the running app or over a connection of its own, and prints the card. */
export async function setUpLabels(environment: Environment, asJson: boolean | undefined): Promise<number> {
  const config = readConfig(environment);
  const report = isOwned(config.dbPath)
    ? ((await askRunningApp(config.dbPath, "labelSetup", {})) as SetupReport)
    : await setUpAlone(config);
  if (asJson) printJson(report);
  else {
    for (const helper of report.helpers) process.stderr.write(`${lineOf(helper)}\n`);
    process.stderr.write("\nA card for your dashboard (Edit dashboard, Add card, Manual):\n\n");
    process.stdout.write(report.card);
  }
  return report.helpers.some(({ outcome }) => outcome === "refused") ? EXIT.failed : EXIT.success;
}

function lineOf({ entityId, target, role, outcome, note }: HelperOutcome): string {
  return `${entityId} (${role} of ${target}): ${outcome}${note === null ? "" : `. ${note}`}`;
}

async function setUpAlone(config: Config): Promise<SetupReport> {
  if (config.home.kind === "simulated") {
    throw new Error("The helpers are made in Home Assistant: start the app, or set HA_URL and HA_TOKEN, then call this again.");
  }
  const connected = Promise.withResolvers<void>();
  const home = createHome({
    url: config.home.url,
    token: config.home.token,
    clock: createSystemClock(),
    onState: (state) => {
      if (state.kind === "connected") connected.resolve();
      if (state.kind === "waiting" || state.kind === "authFailed") connected.reject(new Error(state.words));
    },
  });
  const timer = setTimeout(() => connected.reject(new Error("Home Assistant does not answer.")), CONNECT_LIMIT_MS);
  try {
    home.start();
    await connected.promise;
    return await setUpHelpers(helperHome(home), targetOptions(config.options));
  } finally {
    clearTimeout(timer);
    await home.stop();
  }
}

function helperHome(home: Home) {
  return { ...home, entityIds: async () => new Set((await home.states()).map((state) => state.entityId)) };
}

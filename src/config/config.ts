import { dirname, join, resolve } from "node:path";
import { realPath } from "../store/real-path.ts";
import { type BrokerSource, brokerFrom } from "./broker-options.ts";
import { type Options, optionsSchema } from "./options.ts";
import { readOptions } from "./options-file.ts";

export type HomeSource = { readonly kind: "home_assistant"; readonly url: string; readonly token: string } | { readonly kind: "simulated" };

export interface Config {
  readonly dataFolder: string;
  /** Where the file really is: whatever lies beside it (log, lock, socket, waiting events) is found by this path. */
  readonly dbPath: string;
  /** Where backups are kept: inside Home Assistant the folder that its own backups hold. */
  readonly backupFolder: string;
  /** Where the user's own apps are. */
  readonly appsFolder: string;
  readonly host: string;
  readonly port: number;
  readonly insideHomeAssistant: boolean;
  readonly home: HomeSource;
  /** Null = none is known. */
  readonly broker: BrokerSource | null;
  readonly options: Options;
  /** Options that were wrong and fell back to their default; only inside the HA app, where the app stays up to say so. */
  readonly findings: readonly string[];
}

/** Settings that cannot be used: all of them in one message with what to do. */
export class WrongSettings extends Error {
  readonly findings: readonly string[];
  constructor(findings: readonly string[]) {
    super(
      findings.length === 1
        ? `One setting cannot be used: ${findings[0]} Correct it and start again; nothing was written.`
        : `${findings.length} settings cannot be used:\n${findings.map((finding) => `  - ${finding}`).join("\n")}\nCorrect them and start again; nothing was written.`,
    );
    this.name = "WrongSettings";
    this.findings = findings;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws WrongSettings with every finding; inside the HA app only findings that leave nothing to run with. */
export function readConfig(given: Environment): Config {
  const environment = withoutEmpty(given);
  const insideHomeAssistant = Boolean(environment["SUPERVISOR_TOKEN"]);
  const optionsFile = environment["OPTIONS_FILE"] ?? (insideHomeAssistant ? "/data/options.json" : undefined);
  const { options, wrong: findings } = readOptions(optionsFile, insideHomeAssistant);
  const level = environment["LOG_LEVEL"];
  if (level !== undefined && !optionsSchema.shape.log_level.safeParse(level).success) {
    findings.push(`LOG_LEVEL is ${JSON.stringify(level)}; it must be debug, info, warning or error.`);
  }
  const port = portFrom(environment["PORT"], findings);
  const home = homeFrom(environment, findings);
  const broker = brokerFrom(options.mqtt, environment["SUPERVISOR_TOKEN"]);
  if (options.mqtt.enabled && broker === null)
    findings.push(
      "Option mqtt.enabled: needs mqtt.host, the name or address of your MQTT broker. Inside Home Assistant alone it is found by itself.",
    );
  if (findings.length > 0 && !insideHomeAssistant) throw new WrongSettings(findings);
  const dataFolder = resolve(environment["DATA_FOLDER"] ?? (insideHomeAssistant ? "/share/ml_data_layer" : "data"));
  return Object.freeze({
    dataFolder,
    dbPath: realPath(environment["DB_PATH"] ?? join(dataFolder, "ha_ml_data_layer.db")),
    backupFolder: backupFolderFrom(environment, insideHomeAssistant),
    appsFolder: appsFolderFrom(environment),
    host: environment["HOST"] ?? (insideHomeAssistant ? "0.0.0.0" : "127.0.0.1"),
    port,
    insideHomeAssistant,
    home,
    broker,
    options: level === undefined ? options : { ...options, log_level: optionsSchema.shape.log_level.catch(options.log_level).parse(level) },
    findings,
  });
}

/** A variable that is set to nothing is one that is not set. */
function withoutEmpty(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}

/** Beside the database where only that is named, so that no database finds the backups of another. */
function backupFolderFrom(environment: Environment, insideHomeAssistant: boolean): string {
  const { DATA_FOLDER: dataFolder, DB_PATH: dbPath } = environment;
  if (dataFolder !== undefined) return resolve(dataFolder, "backups");
  if (dbPath !== undefined) return resolve(dirname(dbPath), "backups");
  return insideHomeAssistant ? "/data/backups" : resolve("data", "backups");
}

/** Beside the database inside Home Assistant, where other programs can reach it; in a checkout its folder `apps`. */
export function appsFolderFrom(environment: Environment): string {
  return resolve(environment["APPS_FOLDER"] || (environment["SUPERVISOR_TOKEN"] ? "/share/ml_data_layer/apps" : "apps"));
}

function portFrom(text: string | undefined, findings: string[]): number {
  if (text === undefined) return 8099;
  // Of blanks alone Number makes 0.
  if (/^\d{1,5}$/.test(text.trim()) && Number(text) <= 65_535) return Number(text);
  findings.push(`PORT is ${JSON.stringify(text)}; it must be a whole number from 0 to 65535.`);
  return 8099;
}

function homeFrom(environment: Environment, findings: string[]): HomeSource {
  const supervisorToken = environment["SUPERVISOR_TOKEN"];
  const url = environment["HA_URL"];
  const token = environment["HA_TOKEN"];
  if (supervisorToken && !url) return { kind: "home_assistant", url: "ws://supervisor/core/websocket", token: supervisorToken };
  if (!url && !token) return { kind: "simulated" };
  if (!url)
    findings.push("HA_TOKEN is set but HA_URL is not. Set HA_URL to Home Assistant's address, like http://homeassistant.local:8123.");
  if (!token) {
    findings.push(
      "HA_URL is set but HA_TOKEN is not. Make a long-lived access token in Home Assistant (your profile, Security) and set HA_TOKEN to it.",
    );
  }
  if (url && /^[^/?#]*\/\/[^/?#]*@/.test(url)) {
    // Not repeated: what stands before the @ may be a password.
    findings.push(
      "HA_URL holds a user name or a password, which Home Assistant does not take. Set it to an address like http://homeassistant.local:8123, and the token in HA_TOKEN.",
    );
  } else if (url && !/^(https?|wss?):\/\/[^/\s]+/.test(url)) {
    findings.push(`HA_URL is ${JSON.stringify(url)}; it must be an address like http://homeassistant.local:8123.`);
  }
  return { kind: "home_assistant", url: url ?? "", token: token ?? "" };
}

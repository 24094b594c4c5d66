import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { knownTimeZone } from "./core/time.ts";

const entityId = z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, "is not an entity id like input_datetime.sleep_start");

const targetSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a short lower-case name like sleep"),
  start: entityId,
  end: entityId,
});

const gatesSchema = z.strictObject({
  rows_per_class: z.number().int().min(1).default(50),
  preview_days: z.number().int().min(1).default(5),
  eligible_days: z.number().int().min(1).default(14),
  eligible_episodes: z.number().int().min(1).default(10),
});

/** The app's options: every one has a default, so that the app works with none set. */
export const optionsSchema = z.strictObject({
  log_level: z.enum(["debug", "info", "warning", "error"]).default("info"),
  include: z.array(z.string().min(1)).default([]),
  exclude: z.array(z.string().min(1)).default([]),
  targets: z
    .array(targetSchema)
    .min(1)
    .default([{ name: "sleep", start: "input_datetime.sleep_start", end: "input_datetime.sleep_end" }]),
  night_anchor_hour: z.number().int().min(0).max(23).default(12),
  time_zone: z.string().refine(knownTimeZone, "is not a time zone like Europe/Amsterdam").optional(),
  retention_days: z.number().int().min(7).max(3650).default(90),
  feature_retention_days: z.number().int().min(30).max(3650).default(400),
  backfill_days: z.number().int().min(0).max(3650).default(400),
  max_label_hours: z.number().min(1).max(48).default(16),
  gates: gatesSchema.default(gatesSchema.parse({})),
});

export type Options = z.infer<typeof optionsSchema>;

export type HomeSource = { readonly kind: "home_assistant"; readonly url: string; readonly token: string } | { readonly kind: "simulated" };

export interface Config {
  readonly dataFolder: string;
  readonly dbPath: string;
  readonly host: string;
  readonly port: number;
  readonly insideHomeAssistant: boolean;
  readonly home: HomeSource;
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
export function readConfig(environment: Environment): Config {
  const insideHomeAssistant = Boolean(environment["SUPERVISOR_TOKEN"]);
  const findings: string[] = [];
  const options = readOptions(environment, insideHomeAssistant, findings);
  const level = environment["LOG_LEVEL"];
  if (level !== undefined && !optionsSchema.shape.log_level.safeParse(level).success) {
    findings.push(`LOG_LEVEL is ${JSON.stringify(level)}; it must be debug, info, warning or error.`);
  }
  const port = portFrom(environment["PORT"], findings);
  const home = homeFrom(environment, findings);
  if (findings.length > 0 && !insideHomeAssistant) throw new WrongSettings(findings);
  const dataFolder = resolve(environment["DATA_FOLDER"] ?? (insideHomeAssistant ? "/share/ml_data_layer" : "data"));
  return Object.freeze({
    dataFolder,
    dbPath: resolve(environment["DB_PATH"] ?? join(dataFolder, "ha_ml_data_layer.db")),
    host: environment["HOST"] ?? (insideHomeAssistant ? "0.0.0.0" : "127.0.0.1"),
    port,
    insideHomeAssistant,
    home,
    options: level === undefined ? options : { ...options, log_level: optionsSchema.shape.log_level.catch(options.log_level).parse(level) },
    findings,
  });
}

function readOptions(environment: Environment, insideHomeAssistant: boolean, findings: string[]): Options {
  const path = environment["OPTIONS_FILE"] ?? (insideHomeAssistant ? "/data/options.json" : undefined);
  const given = path === undefined ? {} : optionsText(path, findings);
  const parsed = optionsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const kept = { ...(given as Record<string, unknown>) };
  for (const issue of parsed.error.issues) {
    const keys = issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [String(issue.path[0] ?? "")];
    findings.push(`Option ${issue.path.join(".") || keys.join(", ")}: ${issue.message}.`);
    for (const key of keys) delete kept[key];
  }
  const rest = optionsSchema.safeParse(kept);
  return rest.success ? rest.data : optionsSchema.parse({});
}

function optionsText(path: string, findings: string[]): unknown {
  if (!existsSync(path)) {
    findings.push(`OPTIONS_FILE names ${path}, which does not exist. Create it, or unset OPTIONS_FILE to use the defaults.`);
    return {};
  }
  try {
    const value: unknown = parseYaml(readFileSync(path, "utf8")) ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return value;
    findings.push(
      `The options file ${path} does not hold options (key: value); it holds ${Array.isArray(value) ? "a list" : `a ${typeof value}`}.`,
    );
  } catch (error) {
    const where = error instanceof Error ? error.message.split("\n")[0] : String(error);
    findings.push(`The options file ${path} is neither JSON nor YAML, perhaps only half written: ${where?.replace(/:$/, "")}.`);
  }
  return {};
}

function portFrom(text: string | undefined, findings: string[]): number {
  if (text === undefined || text === "") return 8099;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
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
  if (url && !/^(https?|wss?):\/\/[^/\s]+/.test(url)) {
    findings.push(`HA_URL is ${JSON.stringify(url)}; it must be an address like http://homeassistant.local:8123.`);
  }
  return { kind: "home_assistant", url: url ?? "", token: token ?? "" };
}

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { type BrokerSource, brokerFrom, mqttSchema } from "./broker-options.ts";
import { knownTimeZone } from "./core/time.ts";
import { realPath } from "./store/real-path.ts";
import { usableOptions } from "./usable-options.ts";

const entityId = z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, "is not an entity id like input_datetime.sleep_start");

const targetSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a short lower-case name like sleep"),
    start: helperId("input_datetime", "input_button").optional(),
    end: helperId("input_datetime", "input_button").optional(),
    switch: helperId("input_boolean").optional(),
    negative: helperId("input_button").optional(),
    excluded: helperId("input_boolean").optional(),
    max_label_hours: z.number().min(1).max(8784).optional(),
  })
  .superRefine(({ name, start, end, switch: toggle }, context) => {
    const isPair = start !== undefined && end !== undefined;
    if (isPair === (toggle !== undefined) || (start === undefined) !== (end === undefined)) {
      context.addIssue({ code: "custom", message: `the target ${name} needs either start and end, or switch: one input_boolean for both` });
    }
  });

/** The form's empty fields are no entity; a helper of another kind is named with those that can be used. */
function helperId(...domains: readonly string[]) {
  const isKind = (id: string): boolean => domains.some((domain) => id.startsWith(`${domain}.`));
  return z.preprocess(
    (value) => (value === "" ? undefined : value),
    entityId.refine(isKind, `must be an ${domains.join(" or an ")}`).optional(),
  );
}

/** A helper can tell of one thing only; `excluded` may be shared, because guests and holidays are everybody's. */
function sharedHelpers(targets: readonly z.infer<typeof targetSchema>[]): { readonly words: string; readonly line: number }[] {
  const users = new Map<string, { readonly role: string; readonly line: number }[]>();
  const use = (helper: string, role: string, line: number): void => {
    users.set(helper, [...(users.get(helper) ?? []), { role, line }]);
  };
  for (const [line, target] of targets.entries()) {
    for (const role of ["start", "end", "switch", "negative"] as const) {
      const helper = target[role];
      if (helper !== undefined) use(helper, `${role} of ${target.name}`, line);
    }
  }
  for (const [line, { name, excluded }] of targets.entries())
    if (excluded !== undefined && users.has(excluded)) use(excluded, `excluded of ${name}`, line);
  return [...users]
    .filter(([, roles]) => roles.length > 1)
    .map(([helper, roles]) => ({
      words: `${helper} is ${roles.map(({ role }) => role).join(" and ")}; a helper can tell of one thing only, so make another one for each`,
      line: Math.max(...roles.map((each) => each.line)),
    }));
}

const WORDS = ["domain", "area", "class"];

/** What `pattern.ts` of ingest reads. YAML takes `area: Kitchen` for a key and its value: that is understood, too. */
function pattern() {
  const asText = (value: unknown): unknown => {
    const [pair, ...others] = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return pair === undefined || others.length > 0 ? value : `${pair[0]}:${pair[1]}`;
  };
  const isKnown = (text: string): boolean => !/^[a-z_ ]+:/i.test(text) || WORDS.some((word) => text.startsWith(`${word}:`));
  return z.preprocess(
    asText,
    z
      .string()
      .min(1)
      .refine(isKnown, `must be an entity pattern like light.*_lamp, or begin with ${WORDS.map((word) => `${word}:`).join(", ")}`),
  );
}

const gatesSchema = z.strictObject({
  rows_per_class: z.number().int().min(1).default(50),
  preview_days: z.number().int().min(1).default(5),
  eligible_days: z.number().int().min(1).default(14),
  eligible_episodes: z.number().int().min(1).default(10),
});

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** What is made of the stored entities. In include and exclude a pattern with a point before a colon names features (`binary_sensor.bed:*`). */
const featuresSchema = z.strictObject({
  include: z.array(z.string().min(1)).default([]),
  exclude: z.array(z.string().min(1)).default([]),
  mirrors: z.array(pattern()).default([]),
  entry_doors: z.array(pattern()).default([]),
  weekend_days: z.array(z.enum(WEEKDAYS)).default(["sat", "sun"]),
  maximum: z.number().int().min(10).max(1000).default(300),
});

const TIME_OF_DAY = 'must be a time of day in quotes, like "03:30"';
const timeOfDay = z.preprocess(
  (value) => (value === "" ? undefined : value),
  z
    .string()
    .regex(/^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, TIME_OF_DAY)
    .optional(),
);

/** The local times of the daily jobs, where they are not the app's own. */
const schedulesSchema = z.strictObject({
  train: timeOfDay,
  maintenance: timeOfDay,
  backup: timeOfDay,
});

/** The app's options: every one has a default, so that the app works with none set. */
export const optionsSchema = z.strictObject({
  log_level: z.enum(["debug", "info", "warning", "error"]).default("info"),
  include: z.array(pattern()).default([]),
  exclude: z.array(pattern()).default([]),
  attributes: z
    .array(z.string().regex(/^[^#]+#[^#]+$/, "must be an entity pattern and an attribute like climate.*#current_temperature"))
    .default([]),
  targets: z
    .array(targetSchema)
    .min(1, "needs at least one target that can be used, like sleep with start and end")
    .superRefine((targets, context) => {
      const names = targets.map((target) => target.name);
      const doubled = names.flatMap((name, line) =>
        names.indexOf(name) === line ? [] : [{ words: `two targets are called ${name}; each needs a name of its own`, line }],
      );
      // Each speaks against one line, the later one: the others stand by themselves.
      for (const { words, line } of [...doubled, ...sharedHelpers(targets)])
        context.addIssue({ code: "custom", message: words, path: [line] });
    })
    .default([{ name: "sleep", start: "input_datetime.sleep_start", end: "input_datetime.sleep_end" }]),
  night_anchor_hour: z.number().int().min(0).max(23).default(12),
  schedules: schedulesSchema.default({}),
  time_zone: z.preprocess(
    (value) => (value === "" ? undefined : value),
    z.string().refine(knownTimeZone, "is not a time zone like Europe/Amsterdam").optional(),
  ),
  retention_days: z.number().int().min(7).max(3650).default(90),
  feature_retention_days: z.number().int().min(30).max(3650).default(400),
  backfill_days: z.number().int().min(0).max(3650).default(400),
  statistics_days: z.number().int().min(0).max(3650).default(365),
  backup_keep: z.number().int().min(1).max(30).default(3),
  backup_raw_events: z.boolean().default(false),
  max_label_hours: z.number().min(1).max(48).default(16),
  features: featuresSchema.default(featuresSchema.parse({})),
  gates: gatesSchema.default(gatesSchema.parse({})),
  mqtt: mqttSchema.default(mqttSchema.parse({})),
});

export type Options = Omit<z.infer<typeof optionsSchema>, "include"> & {
  /** None = everything. Null = lines were given, and none of them can be used: nothing is chosen. */
  readonly include: readonly string[] | null;
};

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
  const findings: string[] = [];
  const options = readOptions(environment, insideHomeAssistant, findings);
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

function readOptions(environment: Environment, insideHomeAssistant: boolean, findings: string[]): Options {
  const path = environment["OPTIONS_FILE"] ?? (insideHomeAssistant ? "/data/options.json" : undefined);
  const given = path === undefined ? {} : optionsText(path, findings);
  const { options, wrong } = usableOptions(optionsSchema, given ?? {});
  findings.push(...wrong);
  // Who knows what a file that cannot be read keeps out.
  if (given !== null && (options.include.length > 0 || !holdsSomething(given["include"]))) return options;
  // Outside Home Assistant nothing runs with such options.
  if (insideHomeAssistant) findings.push(given === null ? NOTHING_READ : NOTHING_INCLUDED);
  return { ...options, include: null };
}

const NOTHING_READ =
  "Nobody knows what these options leave out, so nothing is chosen: only label helpers are stored until the file can be read. Home Assistant's history has the rest.";
const NOTHING_INCLUDED =
  "Option include: nothing of it can be used, so it chooses nothing, rather than everything: only label helpers are stored, and what the option attributes names.";

/** A list that is empty, or not there, is one that nobody wrote anything into. */
function holdsSomething(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
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

/** Null = there are options, and nothing of them can be read. */
function optionsText(path: string, findings: string[]): Readonly<Record<string, unknown>> | null {
  if (!existsSync(path)) {
    findings.push(`OPTIONS_FILE names ${path}, which does not exist. Create it, or unset OPTIONS_FILE to use the defaults.`);
    return {};
  }
  try {
    const value: unknown = parseYaml(readFileSync(path, "utf8")) ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
    findings.push(
      `The options file ${path} does not hold options (key: value); it holds ${Array.isArray(value) ? "a list" : `a ${typeof value}`}.`,
    );
  } catch (error) {
    const where = error instanceof Error ? error.message.split("\n")[0] : String(error);
    if (error instanceof Error && "code" in error && error.code === "EACCES") {
      findings.push(`The options file ${path} may not be read by this user, so none of them is used. Give this user the right to read it.`);
      return null;
    }
    findings.push(`The options file ${path} is neither JSON nor YAML, perhaps only half written: ${where?.replace(/:$/, "")}.`);
  }
  return null;
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

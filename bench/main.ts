import { parseArgs } from "node:util";

/** `npm run -s bench -- NAME --json`: one benchmark, one JSON object on stdout; every other word goes to stderr. */

type Options = Readonly<Record<string, string | boolean | undefined>>;
type Benchmark = (options: Options) => Promise<object>;

const BENCHMARKS: Readonly<Record<string, () => Promise<{ readonly run: Benchmark }>>> = {
  sleep: () => import("./sleep.ts"),
  leakage: () => import("./leakage.ts"),
  changes: () => import("./changes.ts"),
  views: () => import("./views.ts"),
  storage: () => import("./storage.ts"),
  ingest: () => import("./ingest.ts"),
  "loop-lag": () => import("./loop-lag.ts"),
  "large-home": () => import("./large-home.ts"),
  features: () => import("./features.ts"),
  clr: () => import("./clr.ts"),
  cv: () => import("./cv.ts"),
  constants: () => import("./constants.ts"),
  shift: () => import("./shift.ts"),
  bocpd: () => import("./bocpd.ts"),
  "false-alarms": () => import("./false-alarms.ts"),
  "home-changes": () => import("./home-changes.ts"),
  memory: () => import("./memory.ts"),
  "first-start": () => import("./first-start.ts"),
  api: () => import("./api.ts"),
  start: () => import("./start.ts"),
  panel: () => import("./panel.ts"),
  runtime: () => import("./runtime.ts"),
};

const OPTIONS = [
  "events",
  "apps",
  "values",
  "rate",
  "events-per-day",
  "entities",
  "features",
  "rows",
  "cols",
  "data",
  "points",
  "runs",
  "homes",
  "out",
  "series",
  "months",
  "seeds",
  "first-seed",
  "settings",
] as const;

const [name, ...words] = process.argv.slice(2);
const load = name === undefined ? undefined : BENCHMARKS[name];
if (load === undefined) {
  process.stderr.write(`Name one benchmark: ${Object.keys(BENCHMARKS).join(", ")}.\nUsage: npm run -s bench -- NAME [--json] [options]\n`);
  process.exitCode = name === "--help" ? 0 : 2;
} else {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        ...Object.fromEntries(OPTIONS.map((option) => [option, { type: "string" as const }])),
        json: { type: "boolean" },
        help: { type: "boolean" },
        "exclude-bed": { type: "boolean" },
        "leave-one-out": { type: "boolean" },
      },
    });
    const { run } = await load();
    if (values["help"])
      process.stderr.write(
        `npm run -s bench -- ${name} [--json]; options: ${OPTIONS.map((option) => `--${option}`).join(" ")} --exclude-bed\n`,
      );
    else process.stdout.write(`${JSON.stringify(await run(values as Options), null, values["json"] ? 0 : 2)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS") ? 2 : 1;
  }
}

import { fstatSync } from "node:fs";
import { parseArgs } from "node:util";
import { createDemoServer } from "./server/demo-server.ts";

const USAGE = `node src/demo/main.ts --folder DIR [--port 0] [--weeks 8] [--seed 1] [--now INSTANT] [--speed 1]

A simulated home that speaks Home Assistant's websocket protocol on 127.0.0.1. Prints one line of JSON when it is ready:
{"url", "token", "nowMs", "weeks"}. It keeps itself in DIR and goes on from there; --weeks, --seed and --now count at the first start only.`;

interface Settings {
  readonly folder: string;
  readonly port: number;
  readonly weeks: number;
  readonly seed: number;
  readonly speed: number;
  readonly nowMs?: number;
}

function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      folder: { type: "string" },
      port: { type: "string", default: "0" },
      weeks: { type: "string", default: "8" },
      seed: { type: "string", default: "1" },
      speed: { type: "string", default: "1" },
      now: { type: "string" },
    },
  });
  const number = (name: "port" | "weeks" | "seed" | "speed", low: number, high: number, whole: boolean): number => {
    const value = Number(values[name]);
    if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
      throw new TypeError(`--${name} ${values[name]} is not ${whole ? "a whole number" : "a number"} from ${low} to ${high}`);
    }
    return value;
  };
  if (!values.folder) throw new TypeError("--folder is missing");
  const nowMs = values.now === undefined ? undefined : Date.parse(values.now);
  if (nowMs !== undefined && Number.isNaN(nowMs)) throw new TypeError(`--now ${values.now} is not an instant like 2026-11-01T08:00:00Z`);
  return {
    folder: values.folder,
    port: number("port", 0, 65535, true),
    weeks: number("weeks", 1, 104, true),
    seed: number("seed", 0, 2 ** 31, true),
    speed: number("speed", 0.001, 100_000, false),
    ...(nowMs !== undefined && { nowMs }),
  };
}

/** Ends with the process that started us: its pipe or channel to us closes when it dies, however it dies. */
function endWithParent(end: () => void): void {
  if (process.connected) process.once("disconnect", end);
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.once("end", end).once("close", end).once("error", end).resume();
}

async function main(): Promise<void> {
  let settings: Settings;
  try {
    settings = readSettings(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    process.exitCode = 2;
    return;
  }
  const server = createDemoServer(settings);
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void server.stop().finally(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
  endWithParent(end);
  // Who started us may have ended before it was ready.
  process.stdout.once("error", end);
  try {
    const started = await server.start();
    process.stdout.write(`${JSON.stringify(started)}\n`);
  } catch (error) {
    process.stderr.write(`The simulated home could not start: ${(error as Error).message}\n`);
    process.exit(1);
  }
}

await main();

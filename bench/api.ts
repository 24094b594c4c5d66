import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { ROUTES } from "../src/web/api/routes.ts";
import { AS_STARTED, builtOf } from "./built.ts";
import { makeLargeFile } from "./large-file.ts";
import { machine, spreadOf } from "./machine.ts";

const REQUESTS = 100;
const DAY_MS = 86_400_000;
const SHARE = 0.99;

/** What each route that reads is asked for: the usual question, and the heaviest that the page asks. Routes that are not named are asked plainly. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  "/events": ["", "entities=sensor.made_5", "areas=Area 3&limit=500"],
  "/timeline": ["areas=Area 3", "entities=sensor.made_5,light.made_7,switch.made_8"],
  "/features/series": ["names=sensor.made_1:mean_30m,sensor.made_2:mean_30m&from=YEAR"],
  "/predictions": ["target=sleep", "target=sleep&from=YEAR&limit=500"],
  "/predictions/curve": ["target=sleep", "target=sleep&from=YEAR"],
  "/models": ["target=sleep"],
  "/models/:version": ["target=sleep"],
  "/models/verdicts": ["target=sleep"],
  "/schedules/receipts": ["", "job=features"],
};
/** No read: a stage derives it anew from months of windows when somebody looks closer, in a thread of its own. */
const COMPUTED: readonly string[] = ["/streams/run-lengths"];
const PARAMS: Readonly<Record<string, string>> = { ":version": "1", ":view": "vw_raw_events" };

/**
 * p99 of every route on a file of N events while events flow at a rate, one request at a time, the routes by turns. An export counts until its
 * first piece. `ours` = the slowest route's p99, ms.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-api-"));
  const path = join(folder, "api.db");
  const rate = Number(options["rate"] ?? 500);
  const wanted = { events: Number(options["events"] ?? 10_000_000), values: Number(options["values"] ?? 31_536_000) };
  const made = makeLargeFile(path, wanted, Date.now());
  const load = loadavg()[0]!;
  const children: ChildProcess[] = [];
  const start = (file: string, words: readonly string[]): ChildProcess => {
    const child = fork(file, words, file.endsWith(".js") ? { execArgv: [...AS_STARTED] } : {});
    children.push(child);
    return child;
  };
  try {
    const sender = start(join(import.meta.dirname, "ingest-sender.ts"), ["1000000000", "1500", String(rate)]);
    const { url } = await answer<{ readonly url: string }>(sender);
    const app = start(await builtOf("api-app"), [url, path]);
    const { address } = await answer<{ readonly address: string }>(app);
    sender.send({ go: true });
    const questions = questionsOf(new Date(Date.now() - 365 * DAY_MS).toISOString());
    const times = new Map<string, number[]>();
    // The thread that labels go through lives as long as the app; here the first of them starts it.
    await sayLabels(address, new Map(), 0);
    for (let n = 0; n < Number(options["runs"] ?? REQUESTS); n += 1) {
      for (const [name, query] of questions) note(times, name, await timeOf(new URL(`api/v1${query}`, address)));
      await sayLabels(address, times, n);
    }
    app.send({ report: true });
    const { rssMb, accepted } = await answer<{ readonly rssMb: number; readonly accepted: number }>(app);
    const routes = Object.fromEntries(
      [...times].map(([name, values]) => [name, { p99: shareOf(values), median: Number(spreadOf(values).median.toFixed(2)) }]),
    );
    const slowest = Object.keys(routes).reduce((a, b) => (routes[b]!.p99 > routes[a]!.p99 ? b : a));
    return {
      name: "api",
      ours: routes[slowest]!.p99,
      slowest,
      unit: "ms",
      runs: spreadOf(Object.values(routes).map(({ p99 }) => p99)),
      routes,
      leftOut: COMPUTED,
      requestsEach: times.get(slowest)!.length,
      events: made.events,
      values: made.values,
      rate,
      eventsMeanwhile: accepted,
      rssMb: Math.round(rssMb),
      fileBytes: statSync(path).size,
      load: Number(load.toFixed(2)),
      machine: machine(),
    };
  } finally {
    for (const child of children) child.kill();
    await new Promise((resolve) => setTimeout(resolve, 300));
    rmSync(folder, { recursive: true, force: true });
  }
}

function questionsOf(yearAgo: string): [name: string, query: string][] {
  return ROUTES.filter(({ method, path }) => method === "GET" && !COMPUTED.includes(path)).flatMap(({ path }) => {
    const plain = path.replaceAll(/:\w+/g, (param) => PARAMS[param] ?? "1");
    return (QUESTIONS[path] ?? [""]).map((query): [string, string] => [
      `GET ${path}${query === "" ? "" : `?${query}`}`,
      `${plain}${query === "" ? "" : `?${query.replace("YEAR", yearAgo)}`}`,
    ]);
  });
}

async function timeOf(url: URL): Promise<number> {
  const started = performance.now();
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}${url.search} was answered with ${response.status}: ${await response.text()}`);
  if (url.pathname.includes("/exports/")) {
    const reader = response.body!.getReader();
    await reader.read();
    const took = performance.now() - started;
    await reader.cancel();
    return took;
  }
  await response.arrayBuffer();
  return performance.now() - started;
}

/** A label of the newest night is said, corrected and taken away again. */
async function sayLabels(address: string, times: Map<string, number[]>, n: number): Promise<void> {
  const endMs = Date.now() - (5 + (n % 10)) * 60_000;
  const span = (startMs: number): object => ({ start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() });
  const send = async (name: string, method: string, path: string, body: object): Promise<{ labels: { id: number }[] }> => {
    const started = performance.now();
    const response = await fetch(new URL(`api/v1/${path}`, address), {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answered = (await response.json()) as { labels: { id: number }[] };
    if (!response.ok) throw new Error(`${name} was answered with ${response.status}: ${JSON.stringify(answered)}`);
    note(times, name, performance.now() - started);
    return answered;
  };
  const said = await send("POST /labels", "POST", "labels", { target: "away", ...span(endMs - 120_000) });
  const corrected = await send("PUT /labels/:id", "PUT", `labels/${said.labels[0]!.id}`, span(endMs - 180_000));
  await send("DELETE /labels/:id", "DELETE", `labels/${corrected.labels[0]!.id}`, {});
}

function note(times: Map<string, number[]>, name: string, ms: number): void {
  const found = times.get(name);
  if (found === undefined) times.set(name, [ms]);
  else found.push(ms);
}

function shareOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[Math.min(sorted.length - 1, Math.ceil(SHARE * sorted.length) - 1)]!.toFixed(2));
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with code ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message as T);
    });
  });
}

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DEFAULT_LIMIT } from "../src/core/changes/bound.ts";
import { advance, createFilter } from "../src/core/changes/filter.ts";
import { encodeFilter } from "../src/core/changes/filter-state.ts";
import { createGaussian } from "../src/core/changes/gaussian.ts";
import { createRandom } from "../src/demo/home/random.ts";
import { boundErrors } from "./bocpd-error.ts";
import { machine, type Spread, spreadOf } from "./machine.ts";

const HAZARD = 1 / 250;
const PEER_POINTS = 20_000;
const RUNS = 5;

/**
 * Updates per second of the Gaussian filter. `ours` is on noise without a change, where all runs stay alive: the slowest case. Beside it the
 * rate on the peers' series (a new level after 250 points on average), by length and by run limit, and the bytes of the state. `flatness`: the slowest
 * length over the fastest of those long enough that the limit rules. `boundErrors`: what the limit costs against the filter that keeps every run.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const points = Number(options["points"] ?? 1_000_000);
  const limit = Number(options["runs"] ?? DEFAULT_LIMIT.runs);
  const quiet = series(points, Number.POSITIVE_INFINITY);
  const changing = series(points, 1 / HAZARD);
  const rates: number[] = [];
  for (let k = 0; k < RUNS; k++) rates.push(rateOf(quiet, points, limit).rate);
  const ours = spreadOf(rates);
  const lengths = [1000, 10_000, 100_000, 1_000_000].filter((length) => length <= points);
  const byLength = lengths.map((length) => [length, Math.round(repeated(quiet, length, limit))] as const);
  const peers = await measurePeers(changing.subarray(0, PEER_POINTS));
  const [peer] = peers;
  const onPeerSeries = spreadOf(Array.from({ length: RUNS }, () => rateOf(changing, Math.min(points, PEER_POINTS), limit).rate));
  return {
    name: "bocpd",
    ours: Math.round(ours.median),
    ...(peer === undefined ? {} : { peer: Math.round(peer.rate), ratio: ours.median / peer.rate, peerName: peer.name }),
    peers: Object.fromEntries(peers.map(({ name, rate }) => [name, Math.round(rate)])),
    unit: "updates/s",
    runs: ours,
    machine: machine(),
    points,
    runLimit: limit,
    onPeerSeries,
    byLength: Object.fromEntries(byLength),
    flatness:
      Math.min(...byLength.map(([, rate]) => rate)) / Math.max(...byLength.filter(([length]) => length >= 10_000).map(([, rate]) => rate)),
    byRunLimit: Object.fromEntries([50, 100, 200, 400].map((runs) => [runs, Math.round(repeated(quiet, Math.min(points, 100_000), runs))])),
    stateBytes: rateOf(quiet, Math.min(points, 20_000), limit).bytes,
    boundErrors: boundErrors(),
  };
}

/** Normal noise of standard deviation 1 around a level drawn anew (standard deviation 3) after so many points on average. */
function series(length: number, meanRun: number): Float64Array {
  const random = createRandom(1, 20_250_101);
  let level = 0;
  return Float64Array.from({ length }, () => {
    if (random.uniform() < 1 / meanRun) level = random.normal(0, 3);
    return random.normal(level, 1);
  });
}

function rateOf(values: Float64Array, points: number, runs: number): { readonly rate: number; readonly bytes: number } {
  const untouched = Math.min(DEFAULT_LIMIT.untouched, Math.floor(runs / 3));
  const filter = createFilter(createGaussian({ mu0: 0, kappa0: 1, alpha0: 1, beta0: 1 }), { ...DEFAULT_LIMIT, runs, untouched });
  const started = performance.now();
  for (let k = 0; k < points; k++) advance(filter, values[k]!, 1, HAZARD, 0);
  return { rate: (1000 * points) / (performance.now() - started), bytes: encodeFilter(filter).length };
}

/** Short lengths are repeated until they take a while; the median. */
function repeated(values: Float64Array, points: number, runs: number): number {
  const times = Math.max(3, Math.min(50, Math.round(100_000 / points)));
  return spreadOf(Array.from({ length: times }, () => rateOf(values, points, runs).rate)).median;
}

interface Peer {
  readonly name: string;
  readonly rate: number;
}

/** The peers that this machine can run on the same series, the fastest first; those it cannot are said on stderr. */
async function measurePeers(values: Float64Array): Promise<Peer[]> {
  const peers = process.env["PEERS"] ?? "../shared/tools/peers";
  if (!existsSync(peers)) {
    without(`no folder ${peers}`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-bocpd-"));
  try {
    const file = join(folder, "series.txt");
    writeFileSync(file, `${[...values].join("\n")}\n`);
    const python = process.env["PEER_PYTHON"] ?? "python3";
    const rates = [
      await rustPeer(join(peers, "rust_changepoint"), folder, file, values.length),
      await peerRate("changepoint (Python bindings)", python, [
        join(peers, "bocpd_changepoint_py.py"),
        ...pythonWords(file, values.length),
      ]),
      await peerRate("bayesian-changepoint-detection", python, [join(peers, "bocpd_hildensia.py"), ...pythonWords(file, 2000)]),
    ];
    return rates.filter((peer) => peer !== null).sort((a, b) => b.rate - a.rate);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pythonWords(file: string, points: number): string[] {
  return ["--series", file, "--points", String(points), "--runs", "3"];
}

/** Built once a machine, outside the peers' folder, which may be read-only. */
async function rustPeer(source: string, folder: string, file: string, points: number): Promise<Peer | null> {
  if (!existsSync(source)) return without(`no ${source}`);
  const copy = join(folder, "rust_changepoint");
  cpSync(source, copy, { recursive: true });
  const words = ["run", "--release", "--quiet", "--manifest-path", join(copy, "Cargo.toml"), "--", file, "3", String(points)];
  return await peerRate("changepoint (Rust)", "cargo", words, join(tmpdir(), "ml-data-layer-peers"));
}

/** Runs a peer; its last line is JSON with `results`, each with `updates_per_second.median`. The fastest of them. */
async function peerRate(name: string, command: string, words: readonly string[], target?: string): Promise<Peer | null> {
  try {
    const env = target === undefined ? process.env : { ...process.env, CARGO_TARGET_DIR: target };
    const { stdout } = await promisify(execFile)(command, words, { env, timeout: 600_000 });
    const { results } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      readonly results: readonly { readonly updates_per_second: Spread }[];
    };
    return { name, rate: Math.max(...results.map((result) => result.updates_per_second.median)) };
  } catch (error) {
    return without(`${name}: ${error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error)}`);
  }
}

function without(reason: string): null {
  process.stderr.write(`no peer for bocpd: ${reason}\n`);
  return null;
}

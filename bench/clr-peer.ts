import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Spread } from "./machine.ts";

/** What a script of the peers printed last, or null (said on stderr) where it cannot run. One thread, as the scripts state it. */
export function runPeer(script: string, words: readonly string[]): unknown {
  const path = join(process.env["PEERS"] ?? "../shared/tools/peers", script);
  if (!existsSync(path)) return without(`no ${path}`);
  try {
    const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
    const python = process.env["PEER_PYTHON"] ?? "python3";
    const output = execFileSync(python, [path, ...words], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "null");
  } catch (error) {
    return without(`${script}: ${error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error)}`);
  }
}

/** One tolerance of sklearn_fit.py or sklearn_cv.py. */
interface PeerFit {
  readonly tol: number;
  readonly seconds: Spread;
  readonly above_the_optimum?: number | null;
  readonly chosen_c?: number;
  readonly log_loss_per_c?: readonly number[];
}

export function peerFit(result: unknown): PeerFit | null {
  const [fit] = (result as { readonly fits?: readonly PeerFit[] } | null)?.fits ?? [];
  return fit ?? null;
}

function without(reason: string): null {
  process.stderr.write(`no peer for regression: ${reason}\n`);
  return null;
}

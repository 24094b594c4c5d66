import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

// Loaded before everything else (`node --import`) where sources are run as they are: Node keeps what it compiled on disk. Without it each thread
// loads Node's TypeScript compiler and keeps it: 30 MB for the first, about 15 MB for every other. JavaScript itself, because it runs before that.
// Where the sources of today are not compiled yet, a process that ends at once compiles first, so that this one never has to.
// One that hangs must not keep the apps from their start; a slow card takes half a minute.
const COMPILE_LIMIT_MS = 180_000;
// A name of its own: the one that Node knows has every process keep compiled code, also the program that was built (7 MB of memory).
const folder = process.env.COMPILED_FOLDER ?? fileURLToPath(new URL("../node_modules/.cache/ml-data-layer", import.meta.url));
enableCompileCache(folder);
const directory = getCompileCacheDir();
if (isMainThread && directory !== undefined) {
  try {
    compileWhatIsNew(directory);
  } catch {
    // What cannot be kept is compiled by each process for itself: the disk may be full, or another process that starts now may be at it.
  }
}

/** Node names the directory by its own version and V8's flags; the mark in it says of which sources it is, for an update brings others. */
function compileWhatIsNew(directory) {
  const mark = join(directory, `sources-of-${newestChangeMs()}`);
  if (existsSync(mark)) return;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(mark, "");
  const compile = [...process.execArgv, fileURLToPath(new URL("./compile.ts", import.meta.url))];
  spawnSync(process.execPath, compile, { stdio: "ignore", timeout: COMPILE_LIMIT_MS, killSignal: "SIGKILL" });
}

function newestChangeMs() {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return Math.max(...files.map((name) => Math.floor(statSync(join(import.meta.dirname, name)).mtimeMs)));
}

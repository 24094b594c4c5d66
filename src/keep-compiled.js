import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

// Loaded before everything else (`node --import`): Node keeps what it compiled on disk. Without it each thread loads Node's TypeScript compiler
// and keeps it: 30 MB for the first, about 15 MB for every other. JavaScript itself, because it runs before that. Where nothing is kept yet, a
// process that ends at once compiles first, so that this one never has to.
const folder = process.env.NODE_COMPILE_CACHE ?? fileURLToPath(new URL("../node_modules/.cache/ml-data-layer", import.meta.url));
const isFirst = isMainThread && !existsSync(folder);
const { directory } = enableCompileCache(folder);
if (isFirst && directory !== undefined) {
  spawnSync(process.execPath, [...process.execArgv, fileURLToPath(new URL("./compile.ts", import.meta.url))], { stdio: "ignore" });
}

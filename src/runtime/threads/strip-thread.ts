import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, resolve } from "node:path";
import { parentPort } from "node:worker_threads";
import { serveRpc } from "./rpc.ts";

/** Takes the types out of apps' files, so that Node's TypeScript compiler (8 MB a thread) is loaded here once and not with every app. */

// Node says on stderr that this function may change; what it makes is what Node itself runs.
process.removeAllListeners("warning");

const RELATIVE = /(?:from|import)\s*\(?\s*["'](\.\.?\/[^"']+)["']/g;

/** The file and what it imports from beside it, as JavaScript in the very lines and columns. What cannot be read is left to Node, which says why. */
function strip(file: string, found: Record<string, string> = {}): Record<string, string> {
  if (file in found || !/\.m?ts$/.test(file)) return found;
  try {
    const code = stripTypeScriptTypes(readFileSync(file, "utf8"));
    found[file] = code;
    for (const [, path] of code.matchAll(RELATIVE)) strip(resolve(dirname(file), path!), found);
  } catch {
    delete found[file];
  }
  return found;
}

serveRpc(parentPort!, (_name, input) => strip(input as string));

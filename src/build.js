import { buildProgram } from "./build/program.js";
import { buildPanel } from "./web/panel/build.js";

/**
 * Builds what is not run from its sources, where it is not that of the sources of today: at `npm ci` (prepare), at `npm start` and before tests;
 * not before commands, which may run beside the app. JavaScript itself, because an npm may run it with a Node that knows no TypeScript.
 */
const NOT_WRITABLE = ["EACCES", "EPERM", "EROFS", "ENOSPC"];

for (const [name, build] of [
  ["program", buildProgram],
  ["panel", buildPanel],
]) {
  const { done, isThere, reason } = await build().catch((error) => {
    if (!NOT_WRITABLE.includes(error.code)) throw error;
    return { done: "not possible", isThere: error.isBuilt === true, reason: `its place cannot be written (${error.message})` };
  });
  if (done !== "not possible") continue;
  process.stderr.write(`The ${name} was not built: ${reason}.${isThere ? " It runs as it was built before." : ""}\n`);
  // An install without development packages is none that failed; a start without a program is.
  if (!isThere && process.env.npm_lifecycle_event === "prestart") process.exitCode = 1;
}

import { buildProgram } from "./build/program.js";
import { buildPanel } from "./web/panel/build.js";

/**
 * Builds what is not run from its sources, where it is not that of the sources of today: at `npm ci` (prepare), at `npm start`, before commands
 * and before tests. JavaScript itself, because an npm may run it with a Node that knows no TypeScript.
 */
for (const [name, build] of [
  ["program", buildProgram],
  ["panel", buildPanel],
]) {
  if ((await build()) === "not possible") {
    process.stderr.write(`The ${name} was not built: Vite is not installed. Run npm ci without --omit=dev, then npm run build.\n`);
  }
}

import { readdirSync } from "node:fs";

/** Compiles what the app runs and ends, so that Node keeps it on disk (see keep-compiled.js). */

const threads = new URL("./runtime/threads/", import.meta.url);
// Stages that are loaded when they are asked for.
const stages = new URL("./flow/", import.meta.url);
await import("./app.ts");
await import("./home.ts");
await import("./mqtt/client.ts");
for (const name of readdirSync(stages).filter((each) => each.endsWith(".ts"))) await import(new URL(name, stages).href);
for (const name of readdirSync(threads).filter((each) => /-(thread|process)\.ts$/.test(each))) {
  // It cannot run by itself; it is compiled before that shows.
  await import(new URL(name, threads).href).catch(() => undefined);
}
// main.ts is compiled too, and ends by itself because of the word it does not know.
process.argv.push("--help");
await import("./main.ts");

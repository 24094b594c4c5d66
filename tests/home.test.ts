import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../src/config/config.ts";
import { openHome } from "../src/home.ts";
import { eventually } from "./e2e/program.ts";
import { temporaryFolder } from "./helpers/database.ts";
import { openAuthenticated } from "./protocol/raw-client.ts";

/** Linux: the process that was started with this folder. */
function processOf(folder: string): number {
  const isIt = (id: string): boolean => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8").includes(`\0${folder}`);
    } catch {
      return false;
    }
  };
  return Number(readdirSync("/proc").find((id) => /^\d+$/.test(id) && isIt(id)));
}

// Broken once: the app stayed up for ever, and told of a Home Assistant on another port.
test.skipIf(process.platform !== "linux")("a simulated home that is killed is started again under its address and token", async () => {
  const said: string[] = [];
  const folder = temporaryFolder();
  const home = await openHome(readConfig({ DATA_FOLDER: folder }), Date.now, (words) => said.push(words));
  onTestFinished(() => home.stop());
  const client = await openAuthenticated(home.url, home.token);
  process.kill(processOf(folder), "SIGKILL");
  await client.closed();
  const again = await eventually(() => openAuthenticated(home.url, home.token).catch(() => null), "it answers again");
  expect(await again.result({ type: "get_config" })).toMatchObject({ state: "RUNNING" });
  expect(said).toEqual(["the simulated home ended by itself (SIGKILL); it is started again"]);
});

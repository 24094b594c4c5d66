import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { markDegraded } from "../../src/store/tables/metadata.ts";
import { readmeBlock } from "../contracts/readme.ts";
import { debianProgram, HOW_TO_GET } from "../helpers/debian-program.ts";
import { createHomeFile, HOSTILE, type HomeFile, NOW_MS, seedHome } from "./home-file.ts";
import { apiOver, serverOver } from "./served.ts";

const promtool = debianProgram("promtool");

let home: HomeFile;
beforeEach(() => {
  home = createHomeFile();
  seedHome(home.db);
});
afterEach(() => home.remove());

async function scraped(): Promise<string> {
  const api = apiOver(home.db);
  const { server } = serverOver(() => api);
  const { url } = await server.start();
  await fetch(new URL("api/v1/me", url));
  const answer = await fetch(new URL("metrics", url));
  expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  const text = await answer.text();
  await server.stop();
  await api.close();
  return text;
}

describe("/metrics", () => {
  // Broken once: while it started it was "refused" here and "starting" for /readyz.
  test("say of an app that starts what /readyz says", async () => {
    const { server } = serverOver(() => null);
    const { url } = await server.start();
    const { status } = (await (await fetch(new URL("readyz", url))).json()) as { status: string };
    expect(await (await fetch(new URL("metrics", url))).text()).toContain(`ml_data_layer_status{status="${status}"} 1`);
    await server.stop();
  });

  test.skipIf(promtool === null)(
    `are accepted by Prometheus's own check, also with hostile codes${promtool === null ? ` (no promtool at hand; ${HOW_TO_GET})` : ""}`,
    async () => {
      markDegraded(home.db, { code: `job_failed_${HOSTILE}"\\\n`, cause: "c", effect: "e", remedy: "r", sinceMs: NOW_MS });
      const text = await scraped();
      const { status, stdout, stderr } = spawnSync(promtool!.path, ["check", "metrics"], {
        input: text,
        encoding: "utf8",
        env: { ...process.env, ...promtool!.environment },
      });
      // Broken once: Node's own gauges were called `…_total`.
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    },
  );

  test("hold every metric that the documents name", async () => {
    const text = await scraped();
    const documents = `${readmeBlock("promql")}${readFileSync(join(import.meta.dirname, "../../DOCS.md"), "utf8")}`;
    const named = [...new Set(documents.match(/\bml_data_layer_(?:probability|degraded|status)\b/g))];
    expect(named).toContain("ml_data_layer_probability");
    for (const name of named) expect(text).toMatch(new RegExp(`^# TYPE ${name} gauge$`, "m"));
  });
});

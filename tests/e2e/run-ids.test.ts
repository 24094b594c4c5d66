import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { endAll, eventually, logLines, rowsOf, startApp, temporaryFolder } from "./program.ts";

/** Which run of a job a line of the log belongs to, in the program as it is started. */

const HOUSE = `import { App } from "ml-data-layer";

export default class House extends App {
  override async initialize(): Promise<void> {
    await this.runEvery(3, () => this.tick("named"), { name: "often" });
    await this.runEvery(3, () => this.tick("plain"));
    await this.runEvery(3, async () => {
      await this.getState("sun.sun");
      throw new RangeError("too bad");
    }, { name: "fails" });
    this.log("up");
  }
  private async tick(kind: string): Promise<void> {
    await this.getState("sun.sun");
    this.log(\`\${kind} tick\`);
    await this.callService("light.turn_on", { entityId: \`light.no_such_\${kind}\` }).catch(() => undefined);
  }
}
`;

interface Receipt {
  readonly job: string;
  readonly due: string;
}

afterAll(endAll);

// Broken once: without the mixin (log.ts) no line says it; without withinRun in the app's thread (app.ts) those of apps do not.
test("every line that is logged within a run carries the id of that run, as its receipt has it", { timeout: 300_000 }, async () => {
  const { folder, database, remove } = temporaryFolder();
  afterAll(remove);
  const apps = join(folder, "apps");
  mkdirSync(apps);
  writeFileSync(join(apps, "house.ts"), HOUSE);
  writeFileSync(join(apps, "apps.yaml"), "house: { file: house.ts }\n");
  const app = startApp({ DATA_FOLDER: folder, APPS_FOLDER: apps });
  const lines = (message: RegExp) => logLines(app.stderr()).filter((line) => message.test(String(line["msg"])));
  const url = await app.url();
  const ask = () => fetch(`${url}api/v1/schedules/backup/run`, { method: "POST", headers: { "content-type": "application/json" } });
  await eventually(async () => ((await ask()).status === 202 ? true : null), "the schedules have begun", 240_000);
  await eventually(() => lines(/^a backup was made$/)[0], "a backup is made");
  await eventually(() => (lines(/plain tick/).length > 1 && lines(/named tick/).length > 1 ? true : null), "the app runs");
  await eventually(() => lines(/A callback failed: RangeError: too bad/)[0], "a run fails");

  const receipts = new Set(
    rowsOf<Receipt>(database, "SELECT job, due_at_utc AS due FROM vw_schedule_runs").map(({ job, due }) => `${job}@${due}`),
  );
  const idOf = (message: RegExp): string => String(lines(message)[0]?.["runId"]);
  expect(idOf(/^a backup was made$/)).toMatch(/^backup@/);
  for (const message of [/^a backup was made$/, /named tick/, /A callback failed: RangeError/, /The schedule fails failed: too bad/]) {
    expect([message, receipts.has(idOf(message))]).toEqual([message, true]);
  }
  expect(idOf(/The home has no entity light\.no_such_named/)).toBe(idOf(/named tick/));
  expect(idOf(/plain tick/)).toMatch(/^app:house\/every-2@2/);
  expect(idOf(/no entity light\.no_such_plain/)).toBe(idOf(/plain tick/));
  expect(new Set(lines(/named tick/).map((line) => line["runId"])).size).toBe(lines(/named tick/).length);
  // What belongs to no run says so of none.
  for (const message of [/^up$/, /connected to Home Assistant/, /schedules started/]) expect(lines(message)[0]).not.toHaveProperty("runId");
  await app.stop("SIGTERM");
  // Broken once: how far the past was fetched stood between them as plain text (it is told where that takes more than two seconds).
  for (const text of app.stderr().trimEnd().split("\n")) expect(() => JSON.parse(text), text).not.toThrow();
});

import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../src/core/time.ts";
import { tellLabels } from "../../src/flow/labels.ts";
import { reportText } from "../../src/flow/report-text.ts";
import { createStages, type Stages } from "../../src/flow/stages.ts";
import { pageOfVerdicts, readModelCard } from "../../src/store/pages/models.ts";
import { readModels } from "../../src/store/tables/model-list.ts";
import { eventsOfDays, keptHome, labelsOfDays, type SmallHome, START } from "./small-home.ts";

type Lived = SmallHome & { readonly stages: Stages };

/** A home trained after each of some days. */
async function trainedHome(days: readonly number[]): Promise<Lived> {
  const home = await keptHome(days.join(), async (fresh) => {
    await fresh.writer.write("insertEvents", { events: eventsOfDays(days.at(-1)!), nowMs: START });
    for (const day of days) await trainOn(fresh, createStages(fresh.context), day);
  });
  return { ...home, stages: createStages(home.context) };
}

async function trainOn(home: SmallHome, stages: Stages, days: number, labels = labelsOfDays(days)): Promise<void> {
  home.clock.jumpTo(START + days * DAY_MS + HOUR_MS);
  await tellLabels({ ...home, nowMs: home.clock.nowMs() }, "sleep", labels);
  await stages.features({});
  await stages.pairs({});
  await stages.train({});
}

const serving = ({ reader }: SmallHome): number =>
  reader.get<{ version: number }>("SELECT a.model_version AS version FROM champions c JOIN clr_model_artifacts a ON a.id = c.artifact_id")!
    .version;
const change = ({ stages }: Lived, wish: { kind: "rollback" } | { kind: "promote"; version: number }) =>
  stages.changeModel({ targetName: "sleep", wish });

test("a rollback goes back to what served before, twice goes back two, and beyond the first says so", async () => {
  const home = await trainedHome([5, 6]);
  await trainOn(home, home.stages, 7);
  expect(serving(home)).toBe(3);
  expect(await change(home, { kind: "rollback" })).toEqual({ target: "sleep", from: 3, to: 2 });
  await change(home, { kind: "rollback" });
  expect(serving(home)).toBe(1);
  await expect(change(home, { kind: "rollback" })).rejects.toThrow("nothing to go back to");
  await change(home, { kind: "promote", version: 3 });
  expect(serving(home)).toBe(3);
  await expect(change(home, { kind: "promote", version: 9 })).rejects.toThrow("there is no model 9");
});

test("every verdict is told with its reason, the newest first, and a card says what its coefficients do", async () => {
  const home = await trainedHome([5, 6]);
  await change(home, { kind: "rollback" });
  const { items, total } = pageOfVerdicts(home.reader, { targetId: 1, limit: 10, offset: 0 });
  expect([items[0]?.modelVersion, items[0]?.serves, items.length]).toEqual([1, true, total]);
  expect(total).toBe(home.reader.get<{ n: number }>("SELECT count(*) AS n FROM promotions")!.n);
  for (const { reason } of items) expect(reason).not.toBe("");
  const { effects, artifact } = readModelCard(home.reader, { targetId: 1, version: 2 })!;
  expect(effects.length).toBeGreaterThan(3);
  for (const { feature, odds, words } of effects) {
    expect(artifact["feature_names"]).toContain(feature);
    expect(odds).toBeGreaterThan(0);
    expect(words).not.toBe("");
  }
});

test("predictions come from the model that was chosen, from the next one on", async () => {
  const home = await trainedHome([5, 6]);
  await change(home, { kind: "rollback" });
  home.clock.jumpTo(home.clock.nowMs() + HOUR_MS);
  await home.stages.features({});
  await home.stages.predict({});
  const newest =
    "SELECT a.model_version AS version FROM predictions p JOIN clr_model_artifacts a ON a.id = p.artifact_id ORDER BY p.window_no DESC";
  expect(home.reader.get(newest)).toEqual({ version: 1 });
});

test("a refit that days neither model has seen speak against is stored and explained, and does not serve", async () => {
  const home = await trainedHome([10]);
  // Ten nights become afternoons; the four that follow are nights, as the serving model expects.
  home.db.run("UPDATE labels SET start_ms = start_ms - 32400000, end_ms = end_ms - 32400000");
  await home.writer.write("insertEvents", { events: eventsOfDays(14), nowMs: START });
  await trainOn(home, home.stages, 14, labelsOfDays(14).slice(10));
  expect(serving(home)).toBe(1);
  expect(readModels(home.reader, 1).map(({ modelVersion, serves }) => [modelVersion, serves])).toEqual([
    [2, 0],
    [1, 1],
  ]);
  const refusal = home.reader.get<{ promoted: number; reason: string }>(
    "SELECT promoted, reason FROM promotions ORDER BY id DESC LIMIT 1",
  )!;
  expect(refusal).toMatchObject({
    promoted: 0,
    reason: expect.stringMatching(/the serving model stays: .* on \d+ held-out days/),
  });
  const run = home.reader.get<{ notes: string }>("SELECT notes FROM clr_training_runs ORDER BY id DESC LIMIT 1")!;
  expect(run.notes).toContain("not promoted: the serving model stays");
});

test("a stored model cannot be changed, and a damaged one is not let serve", async () => {
  const home = await trainedHome([5, 6]);
  expect(() => home.db.run("UPDATE clr_model_artifacts SET artifact_json = '{}'")).toThrow("an artifact is never overwritten");
  home.db.exec("DROP TRIGGER clr_model_artifacts_text_stays");
  home.db.run(
    "UPDATE clr_model_artifacts SET artifact_json = replace(artifact_json, '\"intercept\":', '\"intercept\":1') WHERE model_version = 1",
  );
  await expect(change(home, { kind: "rollback" })).rejects.toThrow(/cannot be read|checksum/);
  expect(serving(home)).toBe(2);
});

test("the report card tells figures, reliability, effects and days in words", async () => {
  const home = await trainedHome([8]);
  const text = reportText(home.reader, "sleep", readModels(home.reader, 1)[0]!);
  expect(text).toContain("Model 1 of sleep");
  expect(text).toMatch(/log loss 0\.\d+, \d+ % better than the time of day alone/);
  expect(text).toMatch(/says .* %, is so .* % {2}\(\d+ windows\)/);
  expect(text).toMatch(/on for the half of|quiet for 35 minutes instead of 5: odds [x/] \d/);
  expect(text).toMatch(/Hardest days\n {2}2026-01-\d\d: log loss/);
});

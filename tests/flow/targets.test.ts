import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import type { Label } from "../../src/core/labels/label.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import { tellLabels } from "../../src/flow/labels.ts";
import { reportText } from "../../src/flow/report-text.ts";
import { createStages, type Stages } from "../../src/flow/stages.ts";
import { readModels } from "../../src/store/tables/model-list.ts";
import { eventsOfDays, keptHome, labelsOfDays, OPTIONS, type SmallHome, START } from "./small-home.ts";

const DAYS = 9;
/** The one that is rare comes first, so that its trouble is in the others' way if anything is. */
const TARGETS = ["nap", "sleep", "guests"].map((name) => ({
  name,
  startEntity: `input_datetime.${name}_start`,
  endEntity: `input_datetime.${name}_end`,
}));

const napStart = (day: number): number => START + day * DAY_MS + 2.5 * HOUR_MS + ((day * 13) % 30) * MINUTE_MS;

const NAP_MS = 1.5 * HOUR_MS;

/** A while on the sofa on every other day. */
function napEvents(): StateEvent[] {
  return Array.from({ length: DAYS }, (_, day) => day)
    .filter((day) => day % 2 === 0)
    .flatMap((day) =>
      (["on", "off"] as const).map((state, k): StateEvent => {
        const updatedUs = (napStart(day) + k * NAP_MS) * 1000;
        return { entityId: "binary_sensor.sofa", state, updatedUs, knownAtMs: null, source: "history" };
      }),
    );
}

function naps(days: number): Label[] {
  return labelsOfDays(days)
    .map((label, day): Label => ({ ...label, startMs: napStart(day), endMs: napStart(day) + NAP_MS, capturedAtMs: napStart(day) + NAP_MS }))
    .filter((_, day) => day % 2 === 0);
}

type Lived = SmallHome & { readonly stages: Stages };

/** A home that is asked for three things: one every night, one rare, one that nobody has ever told of. */
async function livedHome(): Promise<Lived> {
  const home = await keptHome("three targets", live);
  return { ...home, stages: createStages({ ...home.context, options: { ...OPTIONS, targets: TARGETS } }) };
}

async function live(home: SmallHome): Promise<void> {
  await home.writer.write("putTargets", { targets: TARGETS, nowMs: START });
  const sofa = { entityId: "binary_sensor.sofa", domain: "binary_sensor", deviceClass: "occupancy", unit: null, area: "Living room" };
  await home.writer.write("putEntityFacts", { facts: [{ ...sofa, name: null, platform: null, kind: null }], nowMs: START });
  const events = [...eventsOfDays(DAYS), ...napEvents()].sort((a, b) => a.updatedUs - b.updatedUs);
  await home.writer.write("insertEvents", { events, nowMs: START });
  home.clock.jumpTo(START + DAYS * DAY_MS + HOUR_MS);
  await tellLabels({ ...home, nowMs: home.clock.nowMs() }, "sleep", labelsOfDays(DAYS));
  await tellLabels({ ...home, nowMs: home.clock.nowMs() }, "nap", naps(DAYS));
  const stages = createStages({ ...home.context, options: { ...OPTIONS, targets: TARGETS } });
  await stages.features({});
  await stages.pairs({});
}

/** The newest answer of each target. */
const answers = ({ reader }: SmallHome) =>
  reader.all<{ name: string; probability: number | null; stage: string; reason: string | null; version: number | null }>(
    `SELECT t.name, p.probability, p.stage, p.unavailable_reason AS reason, a.model_version AS version, MAX(p.window_no)
     FROM targets t JOIN predictions p USING (target_id) LEFT JOIN clr_model_artifacts a ON a.id = p.artifact_id GROUP BY t.position`,
  );
const probabilityAt = ({ reader }: SmallHome, target: string, atMs: number): number =>
  reader.get<{ p: number }>(
    "SELECT probability AS p FROM predictions JOIN targets USING (target_id) WHERE name = ? AND window_no = ?",
    target,
    Math.floor(atMs / OPTIONS.gridMs),
  )!.p;

const aProbability = expect.any(Number);

test("each of several targets has its own model, answer and gates; one without a label says so; one no longer configured is left alone", async () => {
  const home = await livedHome();
  const results = await home.stages.train({});
  expect(results.map(({ target, status, stage }) => [target, status, stage])).toEqual([
    ["nap", "completed", "preview"],
    ["sleep", "completed", "preview"],
    ["guests", "skipped", "none"],
  ]);
  await home.stages.predict({});
  expect(answers(home)).toMatchObject([
    { name: "nap", probability: aProbability, stage: "preview", reason: null, version: 1 },
    { name: "sleep", probability: aProbability, stage: "preview", reason: null, version: 1 },
    { name: "guests", probability: null, reason: "no model yet: no labelled day yet", version: null },
  ]);
  const onSofa = napStart(DAYS - 1) + HOUR_MS;
  const atNight = START + (DAYS - 1) * DAY_MS + 15 * HOUR_MS;
  expect(probabilityAt(home, "nap", onSofa)).toBeGreaterThan(0.5);
  expect(probabilityAt(home, "sleep", onSofa)).toBeLessThan(0.1);
  expect(probabilityAt(home, "nap", atNight)).toBeLessThan(0.1);
  expect(probabilityAt(home, "sleep", atNight)).toBeGreaterThan(0.9);
  expect(reportText(home.reader, "nap", readModels(home.reader, 2)[0]!)).toMatch(/binary_sensor.sofa|the living room/);
  const { readiness } = home.reader.get<{ readiness: string }>("SELECT readiness FROM vw_health")!;
  expect(Object.keys(JSON.parse(readiness))).toEqual(["nap", "sleep", "guests"]);

  await home.writer.write("putTargets", { targets: TARGETS.slice(1), nowMs: home.clock.nowMs() });
  home.clock.jumpTo(home.clock.nowMs() + HOUR_MS);
  await home.stages.features({});
  const before = answers(home);
  expect((await home.stages.train({ dryRun: true })).map(({ target }) => target)).toEqual(["sleep", "guests"]);
  await home.stages.predict({});
  expect(answers(home).find(({ name }) => name === "nap")).toEqual(before.find(({ name }) => name === "nap"));
  expect(readModels(home.reader, 2)).toHaveLength(1);
}, 120_000);

test("a target that cannot be trained, or whose model is damaged, is named and takes nothing from the others", async () => {
  const home = await livedHome();
  await home.stages.train({});
  home.db.run("DROP TRIGGER clr_model_artifacts_text_stays");
  const swap = (from: string, to: string): void =>
    void home.db.run("UPDATE clr_model_artifacts SET artifact_json = replace(artifact_json, ?, ?) WHERE target_id = 2", from, to);
  swap('"recipe":"', '"recipe":"damaged ');
  // Broken once: without the catch in predict.ts no target answers.
  await home.stages.predict({});
  expect(answers(home)).toMatchObject([
    { name: "nap", probability: null, reason: "model 1 cannot be used: the stored model does not match its checksum" },
    { name: "sleep", probability: aProbability },
    { name: "guests", probability: null },
  ]);
  swap('"recipe":"damaged ', '"recipe":"');

  // A damaged row that only the naps' pairs hold.
  home.db.run("DELETE FROM labels WHERE target_id = 1 AND end_ms > ?", START + 7 * DAY_MS);
  await home.stages.pairs({});
  const { no } = home.reader.get<{ no: number }>(
    `SELECT window_no AS no FROM pairs p WHERE target_id = 2
     AND NOT EXISTS (SELECT 1 FROM pairs o WHERE o.window_no = p.window_no AND o.target_id = 1)`,
  )!;
  home.db.run("UPDATE features SET values_json = '[1, 2' WHERE window_no = ?", no);
  // Broken once: with a loop that ends at the first error (train.ts) sleep keeps model 1.
  await expect(home.stages.train({})).rejects.toThrow(/^nap: .*\(trained all the same: sleep, guests\)$/);
  expect(home.reader.all("SELECT target_name, status FROM vw_clr_latest_training_result")).toEqual([
    { target_name: "nap", status: "failed" },
    { target_name: "sleep", status: "completed" },
    { target_name: "guests", status: "skipped" },
  ]);
  home.clock.jumpTo(home.clock.nowMs() + HOUR_MS);
  await home.stages.features({});
  await home.stages.predict({});
  expect(answers(home)).toMatchObject([
    { name: "nap", probability: aProbability, version: 1 },
    { name: "sleep", probability: aProbability, version: 2 },
    { name: "guests", probability: null },
  ]);
}, 120_000);

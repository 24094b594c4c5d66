import { describe, expect, test } from "vitest";
import { lookBackMs, readDefinition } from "../../src/core/features/definition.ts";
import { createZone, DAY_MS, HOUR_MS } from "../../src/core/time.ts";
import { planFeatures } from "../../src/flow/feature-plan.ts";
import { tellLabels } from "../../src/flow/labels.ts";
import { type GuardQuestion, guardStructure, guardTraining } from "../../src/flow/leakage.ts";
import { DEFAULT_FEATURE_OPTIONS, type StageContext } from "../../src/flow/stage.ts";
import { createStages } from "../../src/flow/stages.ts";
import { train } from "../../src/flow/train.ts";
import { readTrainingTable } from "../../src/flow/training-table.ts";
import { readEntities } from "../../src/store/tables/entities.ts";
import { activeFeatureSet } from "../../src/store/tables/features.ts";
import { applyLabels, readTargets } from "../../src/store/tables/labels.ts";
import { eventsOfDays, GRID_MS, labelsOfDays, OPTIONS, type SmallHome, START, smallHome } from "./small-home.ts";

const DAYS = 6;
const rules = { zone: createZone("UTC"), anchorHour: 12 };

/** A labelled home with its features and pairs, live events that came a moment late among them. */
async function learnedHome(): Promise<SmallHome> {
  const home = await smallHome();
  const events = eventsOfDays(DAYS).map((event, i) =>
    i % 3 === 0 ? event : { ...event, source: "live" as const, knownAtMs: event.updatedUs / 1000 + 700 },
  );
  await home.writer.write("insertEvents", { events, nowMs: START });
  home.clock.jumpTo(START + DAYS * DAY_MS + HOUR_MS);
  await tellLabels({ ...home, nowMs: home.clock.nowMs() }, "sleep", labelsOfDays(DAYS));
  const stages = createStages(home.context);
  await stages.features({});
  await stages.pairs({});
  return home;
}

function questionOf(home: SmallHome, more: Partial<GuardQuestion> = {}): GuardQuestion {
  const set = activeFeatureSet(home.reader)!;
  const table = readTrainingTable(home.reader, readTargets(home.reader)[0]!.targetId, set, GRID_MS, rules);
  const days = [...new Set(table.training.dayIndex)];
  const horizonMs = lookBackMs(set.members.map((member) => readDefinition(member.name, member.definition))).longestHorizonMs;
  const folds = [{ testDays: days.slice(0, 2), trainDays: days.slice(2) }];
  return { set, table, trainingAtMs: home.clock.nowMs(), folds, horizonMs, rules, ...more };
}

const ask = (home: SmallHome, more: Partial<GuardQuestion> = {}): string => {
  const answer = guardStructure(home.context, questionOf(home, more));
  return answer.ok ? "passed" : answer.reason;
};

describe("the guard of a training", () => {
  test("lets honest data pass, derives some of it, and finds no gain with labels of other days", async () => {
    const home = await learnedHome();
    const answer = guardTraining(home.context, questionOf(home));
    expect(answer).toMatchObject({ ok: true, undecidedRows: 0, permuted: { status: "vanished" } });
    expect(answer.ok && answer.derivedRows).toBeGreaterThan(30);
  });

  test("refuses a feature that reads past the end of its window, every kind by itself", async () => {
    const home = await learnedHome();
    const { set, table } = questionOf(home);
    const later = new Map(
      home.reader
        .all<{ no: number; values_json: string }>("SELECT window_no - 1 AS no, values_json FROM features")
        .map(({ no, values_json }) => [no, JSON.parse(values_json) as (number | null)[]]),
    );
    const { columns, rows } = table.training.design;
    const passed: string[] = [];
    let planted = 0;
    const seen = new Map<string, number>();
    set.members.forEach((member, j) => {
      const { kind } = readDefinition(member.name, member.definition);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (seen.get(kind)! > 2) return;
      // As a feature whose window ends five minutes late would have stored it.
      const ahead = table.stored.map((row) => later.get(row.windowNo)?.[j] ?? null);
      const shifted = columns.slice();
      ahead.forEach((value, i) => {
        shifted[j * rows + i] = value ?? Number.NaN;
      });
      if (shifted.every((cell, at) => Object.is(cell, columns[at]))) return;
      const training = { ...table.training, design: { ...table.training.design, columns: shifted } };
      planted += 1;
      if (ask(home, { table: { ...table, training } }) !== "differs when derived again") passed.push(member.name);
    });
    expect(planted).toBeGreaterThan(seen.size);
    expect(passed).toEqual([]);
  });

  test("refuses values made with events that were not known when the training began", async () => {
    const home = await learnedHome();
    home.db.run("UPDATE raw_events SET known_at_ms = ?, source = 0 WHERE updated_us % 7 = 0", home.clock.nowMs() + 1);
    expect(ask(home)).toBe("differs when derived again");
  });

  test("refuses a feature that is computed from a label helper", async () => {
    const home = await learnedHome();
    for (const helper of ["input_datetime.sleep_start", "input_boolean.guests", "input_button.none"]) {
      const targets = [{ ...OPTIONS.targets[0]!, excludedEntity: "input_boolean.guests", negativeEntity: "input_button.none" }];
      await home.writer.write("putTargets", { targets, nowMs: START });
      home.db.run("UPDATE feature_definitions SET definition = replace(definition, 'binary_sensor.front_door', ?)", helper);
      expect(ask(home)).toBe("reads a label helper");
      home.db.run("UPDATE feature_definitions SET definition = replace(definition, ?, 'binary_sensor.front_door')", helper);
    }
    expect(ask(home)).toBe("passed");
  });

  test("knows a label switch by the name that Home Assistant gave it later: it is no feature, and refused where it is one", async () => {
    const home = await learnedHome();
    const named = (entityId: string) => ({
      facts: [
        {
          entityId,
          domain: "input_boolean",
          deviceClass: null,
          unit: null,
          area: null,
          name: null,
          platform: null,
          kind: null,
          registryId: "7",
        },
      ],
      nowMs: START,
    });
    const nap = { name: "nap", startEntity: "input_boolean.napping", endEntity: "input_boolean.napping" };
    await home.writer.write("putTargets", { targets: [...OPTIONS.targets, nap], nowMs: START });
    const features = { ...DEFAULT_FEATURE_OPTIONS, include: ["domain:input_boolean"] };
    const context: StageContext = { ...home.context, options: { ...OPTIONS, features } };
    const chosen = () => planFeatures(context, readEntities(home.reader)).choice;
    for (const name of ["input_boolean.napping", "input_boolean.nap_switch", "input_boolean.short_sleep"]) {
      await home.writer.write("putEntityFacts", named(name));
      await home.writer.write("insertEvents", {
        events: ["on", "off"].map((state, i) => ({
          entityId: name,
          state,
          updatedUs: (START + name.length * HOUR_MS + i * HOUR_MS) * 1000,
          knownAtMs: null,
          source: "history",
        })),
        nowMs: START,
      });
      expect(chosen().excluded.find(({ entityId }) => entityId === name)?.reason).toBe("label helper");
      expect(chosen().definitions.filter(({ entities }) => entities.includes(name))).toEqual([]);
      home.db.run("UPDATE feature_definitions SET definition = replace(definition, 'binary_sensor.front_door', ?)", name);
      expect(ask(home)).toBe("reads a label helper");
      home.db.run("UPDATE feature_definitions SET definition = replace(definition, ?, 'binary_sensor.front_door')", name);
    }
    expect(ask(home)).toBe("passed");
  });

  test("refuses a single window past its label, one without a label, and one that was not available yet", async () => {
    const home = await learnedHome();
    const { window_no, label_id } = home.reader.get<{ window_no: number; label_id: number }>(
      "SELECT window_no, label_id FROM pairs ORDER BY window_no LIMIT 1 OFFSET 700",
    )!;
    home.db.run("UPDATE features SET available_at_ms = ? WHERE window_no = ?", home.clock.nowMs() + 1, window_no);
    expect(ask(home)).toBe("row not yet available");
    home.db.run("UPDATE features SET available_at_ms = window_no * ?", GRID_MS);
    home.db.run("UPDATE pairs SET label_id = 999 WHERE window_no = ?", window_no);
    expect(ask(home)).toBe("window after its label");
    const earlier = home.reader.get<{ id: number }>("SELECT id FROM labels WHERE id <> ? ORDER BY end_ms LIMIT 1", label_id)!.id;
    home.db.run("UPDATE pairs SET label_id = ? WHERE window_no = ?", earlier, window_no);
    expect(ask(home)).toBe("window after its label");
    home.db.run("UPDATE pairs SET label_id = ? WHERE window_no = ?", label_id, window_no);
    home.db.run("UPDATE labels SET captured_at_ms = ? WHERE id = ?", home.clock.nowMs() + 1, label_id);
    expect(ask(home)).toBe("label not yet known");
  });

  test("refuses a window of another day than its label's, or of a day that was not over, that claims to be the rest of it", async () => {
    const home = await learnedHome();
    const label = home.reader.get<{ id: number; end_ms: number }>("SELECT id, end_ms FROM labels ORDER BY end_ms LIMIT 1")!;
    const windowNo = Math.ceil((label.end_ms + 10 * HOUR_MS) / GRID_MS);
    home.db.run("UPDATE pairs SET label_id = ?, target = 0, said_until_ms = ? WHERE window_no = ?", label.id, windowNo * GRID_MS, windowNo);
    expect(ask(home)).toBe("window after its label");
    const near = Math.ceil((label.end_ms + HOUR_MS) / GRID_MS);
    home.db.run("DELETE FROM pairs WHERE window_no IN (?, ?)", windowNo, near);
    const said = "INSERT INTO pairs (target_id, window_no, label_id, target, said_until_ms) VALUES (1, ?, ?, ?, ?)";
    home.db.run(said, near, label.id, 1, near * GRID_MS);
    expect(ask(home)).toBe("window after its label");
    home.db.run("UPDATE pairs SET target = 0 WHERE window_no = ?", near);
    expect(ask(home)).toBe("passed");
    const dayEndMs = START + DAY_MS;
    home.db.run("DELETE FROM pairs WHERE window_no <> ?", near);
    expect(ask(home, { trainingAtMs: dayEndMs - 1 })).toBe("label not yet known");
  });

  test("refuses a day shared by train and test, also where the rows are numbered so that it does not show", async () => {
    const home = await learnedHome();
    const { table, folds } = questionOf(home);
    const [fold] = folds;
    expect(ask(home, { folds: [{ testDays: fold!.testDays, trainDays: [...fold!.trainDays, [...fold!.testDays][0]!] }] })).toBe(
      "shares a day",
    );
    // Days that turn at midnight: an evening is trained on, the night after it tested.
    const dayIndex = table.training.dayIndex.map((_, i) => Math.floor(((table.stored[i]!.windowNo - 1) * GRID_MS) / DAY_MS));
    const days = [...new Set(dayIndex)];
    const moved = { ...table, training: { ...table.training, dayIndex } };
    expect(ask(home, { table: moved, folds: [{ testDays: days.slice(0, 2), trainDays: days.slice(2) }] })).toBe("shares a day");
  });

  test("leaves rows undecided whose events are gone, and says how many", async () => {
    const home = await learnedHome();
    home.db.run("DELETE FROM raw_events WHERE updated_us < ?", (START + 3 * DAY_MS) * 1000);
    const answer = guardStructure(home.context, questionOf(home));
    expect(answer.ok).toBe(true);
    expect(answer.ok && answer.undecidedRows).toBeGreaterThan(400);
  });

  test("is asked of what the training read, not of what was said or fetched while it lasted", async () => {
    const home = await learnedHome();
    let isChanged = false;
    // Training looks up between two folds: in that moment somebody takes the first night back and events of another day are gone.
    const isCancelled = (): boolean => {
      if (isChanged) return false;
      isChanged = true;
      const { id } = home.db.get<{ id: number }>("SELECT id FROM labels ORDER BY end_ms LIMIT 1")!;
      applyLabels(home.db, { targetId: 1, added: [], replaced: [{ id, replacedBy: "removed by hand" }], nowMs: home.clock.nowMs() });
      home.db.run("DELETE FROM raw_events WHERE updated_us % 3 = 0");
      return false;
    };
    const [result] = await train({ ...home.context, isCancelled }, {});
    // Broken once: with the evidence gathered after the selection the model is refused, "window after its label".
    expect([isChanged, result!.status, result!.notes]).toEqual([true, "completed", expect.not.stringContaining("refused")]);
  }, 60_000);
});

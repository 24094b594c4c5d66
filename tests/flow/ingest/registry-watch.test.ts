import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { domainOf, type EntityFacts } from "../../../src/core/events/entity.ts";
import { createChoice } from "../../../src/flow/ingest/choice.ts";
import { createGate } from "../../../src/flow/ingest/gate.ts";
import type { RegistryUpdate, StateChange } from "../../../src/flow/ingest/ports.ts";
import { createRegistryWatch } from "../../../src/flow/ingest/registry-watch.ts";
import { createFastClock } from "../../helpers/test-clock.ts";

const change = (entityId: string, state = "on"): StateChange => ({ entityId, state, changedUs: 1, updatedUs: 1, userId: null });

function createScene(include: readonly string[] = [], refusals = 0) {
  const passed: string[] = [];
  const puts: string[][] = [];
  const answers: (() => void)[] = [];
  let listed: readonly string[] = ["light.a"];
  let tell: (update: RegistryUpdate) => void = () => undefined;
  const chooser = createChoice({ include, exclude: [], always: [] });
  const gate = createGate({
    pass: ({ entityId }) => void passed.push(entityId),
    isUndecided: chooser.isUndecided,
    onUndecided: () => watch.lookSoon(),
  });
  const facts = (entityId: string): EntityFacts => {
    return { entityId, domain: domainOf(entityId), deviceClass: null, unit: null, area: "Hall", name: null, platform: null, kind: null };
  };
  const watch = createRegistryWatch({
    registry: {
      subscribe: (onUpdate) => {
        if (refusals-- > 0) return Promise.reject(new Error("no answer"));
        tell = onUpdate;
        return Promise.resolve();
      },
      facts: async () => {
        const now = listed.map(facts);
        await new Promise<void>((resolve) => answers.push(resolve));
        return now;
      },
      storedFacts: () => [],
      put: (given) => {
        puts.push(given.map(({ entityId }) => entityId));
        return Promise.resolve({ renamed: [] });
      },
    },
    states: () => Promise.resolve([]),
    chooser,
    gate,
    clock: createFastClock(500),
    flush: () => Promise.resolve(),
    onNewlyChosen: () => undefined,
    onLeft: () => undefined,
    onFindings: () => undefined,
    onTrouble: () => undefined,
  });
  const answer = async (): Promise<void> => {
    while (answers.length === 0) await pause(2);
    answers.shift()!();
    await pause(20);
  };
  const list = (...entityIds: string[]): void => {
    listed = entityIds;
  };
  return { watch, gate, passed, puts, answer, list, tell: (update: RegistryUpdate) => tell(update) };
}

test("an entity that is renamed while the registries are being read waits until its row has the new name", async () => {
  const { watch, gate, passed, puts, answer, list, tell } = createScene();
  gate.close();
  const begun = watch.begin([], new AbortController().signal);
  await pause(5);
  list("light.b");
  tell({ kind: "entity", entityId: "light.b", formerId: "light.a" });
  gate.accept(change("light.b"));
  await answer();
  await begun;
  watch.admit();
  expect({ passed, puts }).toEqual({ passed: [], puts: [["light.a"]] });
  await answer();
  expect({ passed, puts }).toEqual({ passed: ["light.b"], puts: [["light.a"], ["light.b"]] });
});

// Broken once: with a subscription that is asked for at the connection alone nothing is heard of the registries until the next one.
test("registries that refuse to be subscribed to are asked again, and heard from then on", async () => {
  const { watch, puts, answer, list, tell } = createScene([], 2);
  await watch.begin([], new AbortController().signal);
  await answer();
  list("light.a", "light.new");
  tell({ kind: "entity", entityId: "light.new", formerId: null });
  await answer();
  expect(puts).toEqual([["light.a"], ["light.a", "light.new"]]);
});

test("an entity that no list knows is decided by its id, once, and does not have the lists read for each of its events", async () => {
  const { watch, gate, passed, puts, answer } = createScene(["light.*", "area:Hall"]);
  const begun = watch.begin([], new AbortController().signal);
  await answer();
  await begun;
  for (let n = 0; n < 3; n += 1) gate.accept(change("light.unlisted"));
  gate.accept(change("light.a"));
  expect(passed).toEqual(["light.a"]);
  await answer();
  for (let n = 0; n < 3; n += 1) gate.accept(change("light.unlisted"));
  expect(passed).toEqual(["light.a", ...Array(6).fill("light.unlisted")]);
  await pause(50);
  expect(puts).toHaveLength(2);
});

test("registries that do not come fill no memory: beyond its limit the gate opens, in the order in which the changes came", () => {
  const passed: string[] = [];
  const gate = createGate({
    pass: ({ state }) => void passed.push(state),
    isUndecided: () => true,
    onUndecided: () => undefined,
    maxHeld: 3,
  });
  gate.close();
  for (let n = 0; n < 4; n += 1) gate.accept(change(`light.l${n}`, String(n)));
  expect(passed).toEqual(["0", "1", "2"]);
  expect(gate.waitingFor()).toEqual(["light.l3"]);
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endAll } from "../e2e/program.ts";
import { connectionScenes } from "./connection-scenes.ts";
import { fileScenes } from "./file-scenes.ts";
import { processScenes } from "./process-scenes.ts";
import { type Outcome, playScene, type Scene } from "./scene.ts";
import { printTable, type Row } from "./table.ts";
import { threadScenes } from "./thread-scenes.ts";
import { timeScenes } from "./time-scenes.ts";
import { trainingScenes } from "./training-scenes.ts";

/** The failure matrix: after each fault no event is lost, none is doubled, and health says what happened. FAILURE=words plays those alone. */

const groups: Readonly<Record<string, readonly Scene[]>> = {
  "of the process and its machine": processScenes,
  "of the file": fileScenes,
  "between the app and Home Assistant": connectionScenes,
  "of time": timeScenes,
  "of its trainings": trainingScenes,
  "of its threads": threadScenes,
};
/** Scenes wait most of their time; more at once would wait for the processor. */
const AT_ONCE = 5;
const TIME_LIMIT_MS = 300_000;

const only = process.env["FAILURE"] ?? "";
const isAsked = (scene: Scene): boolean => scene.fault.includes(only);
const playable = (scenes: readonly Scene[]): Scene[] => scenes.filter((scene) => scene.fallsShort === undefined && isAsked(scene));
const played = new Map<Scene, PromiseWithResolvers<Outcome>>();
const rows: Row[] = [];

async function play(scenes: readonly Scene[], atOnce: number): Promise<void> {
  const waiting = scenes.values();
  const playOn = async (): Promise<void> => {
    for (const scene of waiting) await playScene(scene).then(played.get(scene)!.resolve, played.get(scene)!.reject);
  };
  await Promise.all(Array.from({ length: atOnce }, playOn));
}

beforeAll(() => {
  const scenes = playable(Object.values(groups).flat());
  for (const scene of scenes) {
    const result = Promise.withResolvers<Outcome>();
    result.promise.catch(() => undefined); // its test tells
    played.set(scene, result);
  }
  const alone = new Set(threadScenes);
  void play(
    scenes.filter((scene) => !alone.has(scene)),
    AT_ONCE,
  ).then(() => play(playable(threadScenes), 1));
});
afterAll(async () => {
  await endAll();
  printTable(rows);
});

describe.each(Object.entries(groups).filter(([, scenes]) => scenes.some(isAsked)))("%s", (_, scenes) => {
  for (const scene of scenes.filter(isAsked)) {
    if (scene.fallsShort !== undefined) test.skip(`${scene.fault}: FALLS SHORT: ${scene.fallsShort}`);
    else test(`${scene.fault}: nothing is lost, nothing doubled`, () => expectNothingLost(scene), TIME_LIMIT_MS);
  }
});

async function expectNothingLost(scene: Scene): Promise<void> {
  const outcome = await played.get(scene)!.promise;
  rows.push({ fault: scene.fault, injected: scene.injected, ...outcome });
  expect({ lost: outcome.lost, doubled: outcome.doubled }).toEqual({ lost: [], doubled: [] });
  expect(outcome.sent).toBeGreaterThan(0);
}

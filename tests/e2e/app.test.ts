import { afterAll, beforeAll, describe, test } from "vitest";
import { badInputChecks } from "./bad-input-checks.ts";
import { commandChecks } from "./command-checks.ts";
import { endAll } from "./program.ts";
import { restartScenes } from "./restart-scenes.ts";
import { simulatedHomeChecks } from "./simulated-home-checks.ts";

/** The app as processes, from its start to its end. One file, so that the long waits of some scenes pass while the others are tested. */

const played = new Map<string, Promise<unknown>>();

beforeAll(() => {
  for (const [title, play] of Object.entries(restartScenes)) {
    played.set(
      title,
      play().then(
        () => null,
        (error: unknown) => error,
      ),
    );
  }
});
afterAll(endAll);

describe("without settings", simulatedHomeChecks);
describe("with settings, files and homes that are not as they should be", { concurrent: true }, badInputChecks);
describe("commands", commandChecks);
describe("what happened without the app is there afterwards, once", () => {
  test.each(Object.keys(restartScenes))("%s", { timeout: 500_000 }, async (title) => {
    const error = await played.get(title);
    if (error !== null) throw error;
  });
});

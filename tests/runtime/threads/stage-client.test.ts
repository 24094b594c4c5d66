import { join } from "node:path";
import { expect, test } from "vitest";
import { optionsSchema } from "../../../src/config/options.ts";
import { stageOptions } from "../../../src/runtime/stage-options.ts";
import { createStageThreads, type StageThreads } from "../../../src/runtime/threads/stage-client.ts";
import { startWriterThread } from "../../../src/runtime/threads/writer-client.ts";
import { temporaryFolder } from "../../helpers/database.ts";

async function deafThreads({ graceMs = 300 } = {}): Promise<{ readonly threads: StageThreads; close(): Promise<void> }> {
  const path = join(temporaryFolder(), "stages.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(Date.UTC(2026, 10, 21));
  const threads = createStageThreads({
    dbPath: path,
    clock: { kind: "system", offsetMs: 0 },
    options: stageOptions(optionsSchema.parse({}), "UTC"),
    writer,
    graceMs,
    closeGraceMs: 300,
    threadFile: new URL("./deaf-stage-thread.ts", import.meta.url),
  });
  const close = async (): Promise<void> => {
    await threads.close();
    await writer.close(0);
  };
  return { threads, close };
}

// Broken once: without the grace the lane is never free again, and no call below ends. With places that are freed by their name alone, the
// end of the old thread takes the place from the new one, which nobody closes.
test("a stage that hears no cancel loses its thread after the grace, and the next one has a new thread", async () => {
  const { threads, close } = await deafThreads();
  const cancel = new AbortController();
  // Its thread is open when the stage begins.
  expect(await threads.run("predict", {})).toBe("predict");
  const pass = threads.run("features", {}, cancel.signal);
  const waiting = threads.run("predict", {});
  const ended = Promise.all([
    expect(pass).rejects.toThrow("the thread of features went on for 0.3 seconds after its cancel, so it was ended"),
    expect(waiting).rejects.toThrow("so it was ended"),
  ]);
  setImmediate(() => cancel.abort(new Error("too long")));
  await ended;
  expect(await threads.run("predict", {})).toBe("predict");
  await close();
});

// Broken once: a cancel that came while the thread started was heard by nobody, and the stage ran to its end.
test("a cancel that comes while the thread still starts is heard: the stage never begins", async () => {
  const { threads, close } = await deafThreads();
  const cancel = new AbortController();
  const training = threads.run("train", {}, cancel.signal);
  setImmediate(() => cancel.abort(new Error("too early")));
  await expect(training).rejects.toThrow("too early");
  expect(await threads.run("changes", {})).toBe("changes");
  await close();
});

// Broken once: with the grace of a cancel the close took 10 s, and with no word that it is closing, a new thread was opened that nobody closes.
test("closing waits for stages that hear no cancel no longer than its own grace, for all at once, and then nothing begins any more", async () => {
  const { threads, close } = await deafThreads({ graceMs: 10_000 });
  const failed = Promise.all([
    expect(threads.run("train", {})).rejects.toThrow("so it was ended"),
    expect(threads.run("features", {})).rejects.toThrow("so it was ended"),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const fromMs = performance.now();
  await close();
  expect(performance.now() - fromMs).toBeLessThan(3000);
  await failed;
  await expect(threads.run("labels", {})).rejects.toThrow("labels was cancelled");
});

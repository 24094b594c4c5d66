import { createConnection } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { askRunningApp, controlSocketPath, listenForCommands } from "../../src/runtime/control.ts";
import { temporaryFolder } from "../helpers/database.ts";

test("an app that does not answer is said in words, and the caller lives on", async () => {
  await expect(askRunningApp(join(temporaryFolder(), "no.db"), "train", {})).rejects.toThrow("does not answer commands");
});

test("callers that go away in the middle of their word, or before their answer, cost nothing", async () => {
  const path = join(temporaryFolder(), "app.db");
  const slow = Promise.withResolvers<void>();
  const server = await listenForCommands(path, async (command) => {
    if (command === "slow") await slow.promise;
    return `done ${command}`;
  });
  onTestFinished(() => server.stop());
  for (const text of ['{"command":"slow","input":{}}\n', '{"comm', "\n", "no json\n"]) {
    const socket = createConnection(controlSocketPath(path)).on("error", () => undefined);
    await new Promise<void>((resolve) => socket.write(text, () => resolve()));
    socket.destroy();
  }
  slow.resolve();
  await expect(askRunningApp(path, "features", {})).resolves.toBe("done features");
});

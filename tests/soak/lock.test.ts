import { expect, test } from "vitest";
import { foreignWriter } from "../failures/file-scenes.ts";
import { playScene } from "../failures/scene.ts";

test("a foreign writer that holds the lock for a minute costs nothing but delay", async () => {
  const { lost, doubled, sent, inFile, health } = await playScene(foreignWriter(60_000));
  process.stdout.write(`lock of 60 s: ${sent} said, ${inFile} in the file; ${health}\n`);
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
}, 180_000);

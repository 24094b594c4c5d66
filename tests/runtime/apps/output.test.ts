import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readOutput } from "../../../src/runtime/apps/process/output.ts";

function scene() {
  const stream = new PassThrough();
  const lines: string[] = [];
  const output = readOutput([stream], (line) => lines.push(line));
  return { stream, lines, output };
}

test("lines come as they were written, whatever pieces they come in; an empty one is none", async () => {
  const { stream, lines } = scene();
  const bytes = Buffer.from("one\r\n\nzwölf\nlast");
  for (const byte of bytes) stream.write(Buffer.of(byte));
  stream.end();
  await expect.poll(() => lines).toEqual(["one", "zwölf", "last"]);
});

// Broken once: with a line that grows without end, an app that never ends its own fills the program's memory.
test("a line that never ends is told once, cut; the next one is heard", async () => {
  const { stream, lines } = scene();
  const beforeBytes = process.memoryUsage().heapUsed;
  for (let n = 0; n < 500; n += 1) {
    stream.write("x".repeat(100_000));
    if (n % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  stream.write("\nnext\n");
  await expect.poll(() => lines.length).toBe(2);
  expect(lines[0]).toBe(`${"x".repeat(4_000)}…`);
  expect(lines[1]).toBe("next");
  expect(process.memoryUsage().heapUsed - beforeBytes).toBeLessThan(30e6);
});

test("V8's last words are kept, and what it says for its makers is told to nobody", async () => {
  const { stream, lines, output } = scene();
  stream.write("an app says\n<--- Last few GCs --->\n\n[1:0x7f] 9 ms: Mark-Compact\nFATAL ERROR: Reached heap limit Allocation failed\n");
  stream.end("----- Native stack trace -----\n 1: 0x840e50\n");
  await expect.poll(() => output.lastWords()).toBe("Reached heap limit Allocation failed");
  expect(lines).toEqual(["an app says"]);
});

import { expect, test } from "vitest";
import { faultOf } from "../../../src/runtime/apps/thread/fault.ts";

// Broken once: without the cut a message of megabytes goes into the log, into health and into the file.
test("words without end are cut, whatever was thrown", () => {
  const long = "x".repeat(3_000_000);
  for (const thrown of [new RangeError(long), long]) {
    const { message } = faultOf(thrown, []);
    expect(message.length).toBe(1_001);
    expect(message.endsWith("…")).toBe(true);
  }
  expect(faultOf(new RangeError("short"), []).message).toBe("RangeError: short");
});

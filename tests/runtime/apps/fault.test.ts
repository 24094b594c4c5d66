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

// Broken once: with the text of what was thrown (fault.ts) the first ones read "[object Object]".
test.each<[unknown, string]>([
  [{ a: 1, deep: { b: [1, 2] } }, "{ a: 1, deep: { b: [ 1, 2 ] } } was thrown, which is no Error, so no line is known"],
  [undefined, "undefined was thrown, which is no Error, so no line is known"],
  ["just words", "just words"],
  [{ name: "AxiosError", message: "no answer", code: 5 }, "AxiosError: no answer"],
  [Object.create(null), "[Object: null prototype] {} was thrown, which is no Error, so no line is known"],
  [new Error(""), ""],
  [
    {
      get message(): string {
        throw new Error("hostile");
      },
    },
    "{ message: [Getter] } was thrown, which is no Error, so no line is known",
  ],
])("whatever is thrown is told in words: %#", (thrown, words) => {
  expect(faultOf(thrown, []).message).toBe(words);
});

test("what has the stack of an error has its place, be it an error or not", () => {
  const stack = new Error("away").stack!;
  const { message, place } = faultOf({ message: "away", stack }, [import.meta.filename]);
  expect({ message, place }).toEqual({ message: "away", place: expect.stringMatching(/^fault\.test\.ts:\d+:\d+$/) });
});

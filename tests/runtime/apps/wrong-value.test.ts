import { expect, test } from "vitest";
import { z } from "zod";
import { shown, wrongValue } from "../../../src/runtime/apps/wrong-value.ts";

// Broken once: with zod's own words each of them says "Invalid input" or "Too small: expected number to be >=1".
test.each<[z.ZodType, unknown, string]>([
  [z.string(), 3, "must be a text (it is 3)"],
  [z.string(), undefined, "is missing; it must be a text"],
  [z.union([z.string(), z.array(z.string())]), undefined, "is missing; it must be a text or a list"],
  [z.union([z.string(), z.array(z.string()).min(1)]), [], "must have at least 1 entries (it is [])"],
  [z.number().int(), 1.5, "must be a whole number (it is 1.5)"],
  [z.number().positive(), 0, "must be more than 0 (it is 0)"],
  [z.number().lt(5), 5, "must be less than 5 (it is 5)"],
  [z.number(), Number.NaN, "must be a number (it is NaN)"],
  [z.string().min(1), "", 'must not be empty (it is "")'],
  [z.string().max(3), "abcd", 'must have at most 3 characters (it is "abcd")'],
  [z.enum(["on", "off"]), "of", 'must be "on" or "off" (it is "of")'],
  [z.boolean(), new Date(0), "must be true or false (it is a Date)"],
  [z.number("a pace in seconds is wanted"), undefined, "is missing: a pace in seconds is wanted"],
  [z.number("a pace in seconds is wanted"), "x", 'a pace in seconds is wanted (it is "x")'],
])("what is wrong with a value is said in plain words, a schema's own as they are: %#", (schema, value, words) => {
  expect(wrongValue(schema.safeParse(value).error!.issues[0]!, value)).toBe(words);
});

test("a long value is cut, and one that holds itself shown by its kind", () => {
  const endless: unknown[] = [];
  endless.push(endless);
  expect(shown("x".repeat(300))).toBe(`"${"x".repeat(79)}…, 302 characters`);
  expect(shown(endless)).toBe("a list");
});

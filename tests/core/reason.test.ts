import fc from "fast-check";
import { expect, test } from "vitest";
import { reasonOf } from "../../src/core/reason.ts";

test("what was thrown is told in words, whatever it is", () => {
  const itself: Record<string, unknown> = {};
  itself["itself"] = itself;
  const told = [
    new Error("the disk is full"),
    "a text",
    { code: 7 },
    [1, "b"],
    null,
    undefined,
    5,
    Symbol("s"),
    10n,
    itself,
    { toJSON: () => undefined },
  ];
  expect(told.map(reasonOf)).toEqual([
    "the disk is full",
    "a text",
    '{"code":7}',
    '[1,"b"]',
    "null",
    "undefined",
    "5",
    "Symbol(s)",
    "10",
    "what cannot be read was thrown",
    "what cannot be read was thrown",
  ]);
});

test("nothing that is thrown makes the telling fail, or reads [object Object]", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }), (thrown) => {
      const words = reasonOf(thrown);
      expect(typeof words).toBe("string");
      if (typeof thrown === "object") expect(words).not.toBe("[object Object]");
    }),
  );
});

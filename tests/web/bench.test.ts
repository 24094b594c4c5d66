import { expect, test } from "vitest";
import { run } from "../../bench/api.ts";

// Broken once: routes came that the benchmark did not know how to ask, and it ended with their refusal.
test("the benchmark of the API knows how to ask every route", async () => {
  const { routes } = (await run({ events: "2000", values: "300000", runs: "1" })) as { routes: object };
  expect(Object.keys(routes).length).toBeGreaterThan(20);
});

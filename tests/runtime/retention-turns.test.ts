import { join } from "node:path";
import { expect, test } from "vitest";
import { startWriterThread } from "../../src/runtime/threads/writer-client.ts";
import { TRIM_START, type TrimCursor } from "../../src/store/tables/retention.ts";
import { temporaryFolder } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const DAY = 86_400_000;
const LIMITS = { rawDays: 90, featureDays: 400, labelledDays: 1095, gridMs: 300_000, nowMs: NOW };
const events = (fromMs: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    entityId: `light.l${i % 30}`,
    state: "on",
    updatedUs: (fromMs + i) * 1000,
    knownAtMs: fromMs + i,
    source: "live" as const,
  }));

test("events that come while retention runs are stored before its next slice", async () => {
  const writer = startWriterThread(join(temporaryFolder(), "turns.db"), () => undefined);
  await writer.open(NOW);
  for (let i = 0; i < 10; i += 1) await writer.write("insertEvents", { events: events(NOW - 100 * DAY + i * 2000, 2000), nowMs: NOW });
  await writer.write("insertEvents", { events: events(NOW - 1000, 30), nowMs: NOW });
  await writer.write("saveEntityStates", null);
  const order: string[] = [];
  let from: TrimCursor = TRIM_START;
  for (let slice = 0; from.eventUs !== null || from.windowNo !== null; slice += 1) {
    const trimming = writer.write("trim", { ...LIMITS, from, sliceMs: 0 }).then((done) => {
      order.push(`slice ${slice}`);
      from = done.next;
    });
    // Asked for after two slices, and yet before the second of them.
    const more = writer.write("trim", { ...LIMITS, from: { eventUs: null, windowNo: 0 }, sliceMs: 0 }).then(() => void order.push("other"));
    const event = writer
      .write("insertEvents", { events: events(NOW + slice, 1), nowMs: NOW })
      .then(() => void order.push(`event ${slice}`));
    await Promise.all([trimming, more, event]);
    expect(order.indexOf(`event ${slice}`)).toBeLessThan(order.lastIndexOf("other"));
  }
  expect(order.filter((each) => each.startsWith("slice")).length).toBeGreaterThan(20);
  await writer.close(0);
});

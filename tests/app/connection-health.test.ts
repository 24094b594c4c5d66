import { expect, test } from "vitest";
import { createConnectionHealth } from "../../src/app/connection-health.ts";
import { createMarkers } from "../../src/app/markers.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import type { WriteName } from "../../src/store/writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { refusingWriter } from "../helpers/refusing-writer.ts";
import { createFastClock } from "../helpers/test-clock.ts";

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const away = { kind: "waiting", sinceMs: 0, reason: "unreachable", words: "It does not answer.", attempt: 1, nextTryAtMs: 0 } as const;
const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 20));

// Broken once: the state was written first, and the marker came no earlier than that could be.
test("that there is no connection is said although the state cannot be written, and what was told last is written in the end", async () => {
  const db = temporaryDatabase();
  const clock = createFastClock(1000);
  const refused = new Set<WriteName>(["setHealth"]);
  const writer = refusingWriter(inlineWriter(db), refused);
  const stopping = new AbortController();
  const markers = createMarkers(writer, clock, log);
  const health = createConnectionHealth({ clock, writer, markers, onTrouble: () => undefined, signal: stopping.signal });
  const codes = (): unknown => db.all("SELECT code FROM degraded");
  const first = health.tell(away as Parameters<typeof health.tell>[0]);
  await settled();
  expect(codes()).toEqual([{ code: "home_assistant_unreachable" }]);
  const second = health.tell({ kind: "connected", sinceMs: 0, haVersion: "2026.11.0" });
  await settled();
  expect(codes()).toEqual([]);
  refused.clear();
  await Promise.all([first, second]);
  expect(db.get("SELECT value FROM health WHERE key = 'connection'")).toEqual({ value: "connected" });
  expect(codes()).toEqual([]);
  stopping.abort();
  markers.stop();
});

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Json } from "../../../src/kit/contract.ts";
import { createApps } from "../../../src/runtime/apps/apps.ts";
import { createLiveAgenda } from "../../../src/runtime/apps/home/agenda.ts";
import { createHeard } from "../../../src/runtime/apps/home/heard.ts";
import type { AppPorts, WantedCall } from "../../../src/runtime/apps/ports.ts";
import { memoryReceipts } from "../../../src/runtime/apps/simulated/memory-store.ts";
import { createSystemClock } from "../../../src/runtime/clock.ts";
import { temporaryFolder } from "../../helpers/database.ts";

export interface Line {
  readonly app: string;
  readonly level: string;
  readonly text: string;
}

/** An apps folder with real threads behind it; the home is this test. */
export function appsFolder(files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const clock = createSystemClock();
  const agenda = createLiveAgenda(clock);
  const heard = createHeard({ agenda, clock }, { timeZone: "Europe/Amsterdam", latitude: 52, longitude: 5 });
  const { states, stateListeners, eventListeners } = heard;
  const calls: WantedCall[] = [];
  const fired: { readonly type: string; readonly data: Readonly<Record<string, Json>> }[] = [];
  const lines: Line[] = [];
  const failed: { readonly app: string; readonly words: string }[] = [];
  const recovered: string[] = [];
  const behind = new Map<string, number>();
  const kept = new Map<string, string>();
  const receipts = memoryReceipts();
  let findings: readonly string[] = [];
  let lastUs = clock.nowMs() * 1000;

  const ports: AppPorts = {
    clock,
    agenda,
    ...heard,
    home: {
      async callService(call) {
        if (call.service === "refused") throw new Error("Service refused.");
        calls.push(call);
        return call.wantsResponse ? { asked: call.service } : null;
      },
      async fireEvent(type, data) {
        fired.push({ type, data });
        eventListeners.heard({ type, data, atMs: clock.nowMs() });
      },
      async setState(entityId, state, attributes) {
        set(entityId, state, attributes);
      },
      history: async () => [],
    },
    findings: { targets: ["sleep"], probability: async () => null, changes: async () => [] },
    store: {
      get: async (app, key) => kept.get(`${app} ${key}`) ?? null,
      async set(app, key, json) {
        kept.set(`${app} ${key}`, json);
      },
      async delete(app, key) {
        kept.delete(`${app} ${key}`);
      },
      keys: async (app) => [...kept.keys()].filter((key) => key.startsWith(`${app} `)).map((key) => key.slice(app.length + 1)),
    },
    receipts,
  };

  function write(name: string, text: string): void {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }

  function set(entityId: string, state: string, attributes: Readonly<Record<string, Json>> = {}): void {
    const before = states.get(entityId);
    lastUs = Math.max(lastUs + 1, Math.floor(clock.nowMs() * 1000));
    const changedUs = before?.state === state ? before.changedAtMs * 1000 : lastUs;
    stateListeners.heard(states.note({ entityId, state, attributes, changedUs, updatedUs: lastUs }));
  }

  for (const [name, text] of Object.entries(files)) write(name, text);
  states.compare([]);
  const apps = createApps({
    folder,
    ports,
    clock,
    clockParameters: { kind: "system", offsetMs: 0 },
    reports: {
      log: (app, level, text) => void lines.push({ app, level, text }),
      failed: (app, words) => void failed.push({ app, words }),
      recovered: (app) => void recovered.push(app),
      behind: (app, dropped) => void behind.set(app, dropped),
      caughtUp: (app) => void behind.delete(app),
    },
    onFindings: (now) => {
      findings = now;
    },
  });
  onTestFinished(async () => {
    await apps.stop();
    agenda.stop();
  });

  return {
    folder,
    apps,
    ports,
    write,
    set,
    calls,
    fired,
    lines,
    failed,
    recovered,
    behind,
    kept,
    receipts,
    findings: () => findings,
    /** What an app logged at its own wish. */
    said: (app: string) => lines.filter((line) => line.app === app && !line.text.startsWith("The app runs")).map((line) => line.text),
    state: (app: string) => apps.status().find((status) => status.name === app)?.state,
  };
}

/** Waits until something is so. @throws with what was looked at last */
export async function until<T>(look: () => T, isSo: (found: T) => boolean, limitMs = 20_000): Promise<T> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 20) {
    const found = look();
    if (isSo(found)) return found;
    await pause(20);
  }
  throw new Error(`it never became so: ${JSON.stringify(look())}`);
}

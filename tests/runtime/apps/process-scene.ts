import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Json } from "../../../src/kit/contract.ts";
import { type Down, startAppsProcess } from "../../../src/runtime/apps/process/apps-process.ts";
import { memoryReceipts, memoryStore } from "../../../src/runtime/apps/simulated/memory-store.ts";
import { createSystemClock } from "../../../src/runtime/clock.ts";
import { temporaryFolder } from "../../helpers/database.ts";

/** The process of the apps in a folder; the home and the program around it are this test. */
export function appsProcess(files: Readonly<Record<string, string>>, speed = 1, startProcess = fork) {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const pace = { speed, sinceMs: Date.now() };
  const clock = createSystemClock(0, pace);
  const receipts = memoryReceipts();
  const fired: { readonly type: string; readonly data: Readonly<Record<string, Json>> }[] = [];
  const failed: { readonly app: string; readonly words: string }[] = [];
  const troubles: string[] = [];
  const lines: string[] = [];
  const said: string[] = [];
  const types: string[] = [];
  const downs: (Down | null)[] = [];
  const recovered: string[] = [];
  const states = new Map<string, { state: string; attributes: Readonly<Record<string, Json>>; atUs: number }>();
  let lastUs = Math.floor(clock.nowMs() * 1000);

  function all() {
    return [...states].map(([entityId, { state, attributes, atUs }]) => ({
      entityId,
      state,
      attributes,
      changedUs: atUs,
      updatedUs: atUs,
    }));
  }
  function tellAll(): void {
    apps.asking();
    apps.all(all());
    apps.place({ timeZone: "Europe/Amsterdam" });
  }

  const apps = startAppsProcess({
    folder,
    clock,
    clockParameters: { kind: "system", offsetMs: 0, pace },
    home: {
      callService: async ({ service, wantsResponse }) => {
        if (service === "refused") throw new Error("Service refused.");
        return wantsResponse ? { asked: service } : null;
      },
      fireEvent: async (type, data) => void fired.push({ type, data }),
      setState: async (entityId, state, attributes) => set(entityId, state, attributes),
      history: async () => [],
    },
    findings: { targets: ["sleep"], probability: async () => null, changes: async () => [] },
    store: memoryStore(),
    receipts,
    reports: {
      log: (app, level, text) => void said.push(`${app} ${level} ${text}`),
      failed: (app, words) => void failed.push({ app, words }),
      recovered: (app) => void recovered.push(app),
      behind: () => undefined,
      caughtUp: () => undefined,
    },
    onFindings: (findings) => findings.length > 0 && void troubles.push(findings.join(" ")),
    onType: (type) => void types.push(type),
    onTrouble: (words, fields) => void troubles.push(`${words} ${JSON.stringify(fields)}`),
    onLine: (line) => void lines.push(line),
    onDown: (down) => void downs.push(down),
    onIgnorant: tellAll,
    startProcess,
  });
  onTestFinished(() => apps.stop());
  tellAll();

  function set(entityId: string, state: string, attributes: Readonly<Record<string, Json>> = {}): void {
    lastUs = Math.max(lastUs + 1, Math.floor(clock.nowMs() * 1000));
    states.set(entityId, { state, attributes, atUs: lastUs });
    apps.heard({ entityId, state, attributes, changedUs: lastUs, updatedUs: lastUs });
  }

  return {
    apps,
    set,
    fired,
    failed,
    troubles,
    lines,
    said,
    types,
    downs,
    recovered,
    folder,
    receipts,
    clock,
    state: async (name: string) => (await apps.status()).find((app) => app.name === name)?.state,
  };
}

/** The processes of apps that this process has started. */
export function appsProcesses(parent = process.pid): readonly number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((pid) => pid !== "");
  return children.map(Number).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("apps-process"));
}

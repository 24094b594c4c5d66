import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAppsProcess } from "../../../src/runtime/apps/process/apps-process.ts";
import { memoryReceipts, memoryStore } from "../../../src/runtime/apps/simulated/memory-store.ts";
import { createSystemClock } from "../../../src/runtime/clock.ts";

/** A program with one app in an endless loop, to be killed. It says when the app runs. */

const folder = mkdtempSync(join(tmpdir(), "apps-parent-"));
writeFileSync(join(folder, "apps.yaml"), "loops: { file: loops.js }\n");
writeFileSync(
  join(folder, "loops.js"),
  'import { App } from "ml-data-layer";\nexport default class Loops extends App {\n  async initialize() {\n    await this.fireEvent("up", {});\n    for (;;);\n  }\n}\n',
);
const nothing = (): void => undefined;
const apps = startAppsProcess({
  folder,
  clock: createSystemClock(),
  clockParameters: { kind: "system", offsetMs: 0 },
  home: {
    callService: async () => null,
    fireEvent: async () => void process.stdout.write("up\n"),
    setState: async () => undefined,
    history: async () => [],
  },
  findings: { targets: null, probability: async () => null, changes: async () => [] },
  store: memoryStore(),
  receipts: memoryReceipts(),
  reports: { log: nothing, failed: nothing, recovered: nothing, behind: nothing, caughtUp: nothing },
  onFindings: nothing,
  onType: nothing,
  onTrouble: nothing,
  onLine: nothing,
  onDown: nothing,
  onIgnorant: nothing,
});
apps.all([]);
apps.place({ timeZone: "UTC" });

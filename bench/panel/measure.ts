import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "../../tests/panel/chromium.ts";
import { startIngress } from "../../tests/panel/ingress.ts";
import { makeLargeFile } from "../large-file.ts";
import { machine, spreadOf } from "../machine.ts";
import { measureLive } from "./live.ts";
import { measureMemory } from "./memory.ts";
import { measurePaint } from "./paint.ts";
import { scriptSizes } from "./sizes.ts";
import { measureYear } from "./year.ts";

const HOST = "172.30.33.9";
const WINDOWS_OF_A_YEAR = 105_120;

const { runs, events } = JSON.parse(process.argv[2]!) as { readonly runs: number; readonly events: number };
const executablePath = findChromium();
if (executablePath === null) throw new Error("There is no Chromium: apt install chromium, or name one in CHROMIUM.");
const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-panel-bench-"));
const dbPath = join(folder, "home.db");
makeLargeFile(dbPath, { events, values: WINDOWS_OF_A_YEAR * 10 }, Date.now());
const app = fork(join(import.meta.dirname, "app.ts"), [dbPath, HOST]);
const [{ port }] = (await once(app, "message")) as [{ readonly port: number }];
const ingress = await startIngress({ host: HOST, port });
// The peer: behind the same hop, a page of one line.
const line = createServer((_, response) => {
  response
    .writeHead(200, { "content-type": "text/html; charset=utf-8" })
    .end('<!doctype html><html lang="en"><title>One line</title><p class="probability">50%</p></html>');
});
line.listen(0, HOST);
await once(line, "listening");
const emptyIngress = await startIngress({ host: HOST, port: (line.address() as AddressInfo).port });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--enable-precise-memory-info"] });
try {
  const place = { browser, url: ingress.url };
  const empty = { browser, url: emptyIngress.url };
  const paint = await measurePaint(place, empty, "phone", runs);
  const desktop = await measurePaint(place, empty, "desktop", runs);
  const emptyMs = spreadOf(paint.emptyMs).median;
  const spread = spreadOf(paint.usefulMs);
  process.stdout.write(
    JSON.stringify({
      name: "panel",
      ours: Math.round(spread.median),
      unit: "ms to the first useful paint, phone",
      runs: spread,
      emptyMs: Math.round(emptyMs),
      timesEmpty: Math.round((spread.median / emptyMs) * 10) / 10,
      groundMs: Math.round(spreadOf(paint.groundMs).median),
      desktopMs: Math.round(spreadOf(desktop.usefulMs).median),
      desktopEmptyMs: Math.round(spreadOf(desktop.emptyMs).median),
      desktopGroundMs: Math.round(spreadOf(desktop.groundMs).median),
      scripts: scriptSizes(paint.scriptsBefore),
      year: await measureYear(place, runs),
      live: await measureLive(place),
      memory: await measureMemory(place),
      events,
      machine: machine(),
    }),
  );
} finally {
  await browser.close();
  await ingress.stop();
  await emptyIngress.stop();
  line.close();
  app.kill();
  await once(app, "exit");
  rmSync(folder, { recursive: true, force: true });
}

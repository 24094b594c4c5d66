import { randomBytes, scrypt } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { gzip } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { App } from "../../../src/kit/app.ts";
import { testHome } from "../../../src/runtime/apps/simulated/testing.ts";

const SOON_MS = 3000;
const nothing = (): void => undefined;
const at = (home: { nowMs(): number }, startMs: number): number => (home.nowMs() - startMs) / 1000;

/** An app that does something whenever sensor.a changes, and when it begins. */
function homeOf(work: (app: Waiting) => unknown, initialize: (app: Waiting) => unknown = () => undefined) {
  class Tested extends Waiting {
    override async initialize(): Promise<void> {
      await this.listenState("sensor.a", () => work(this));
      await initialize(this);
    }
  }
  return testHome(Tested, { states: { "sensor.a": "off" } });
}
abstract class Waiting extends App {
  sleep(seconds: number): Promise<unknown> {
    return new Promise((resolve, reject) => void this.runIn(seconds, resolve).catch(reject));
  }
}

// Broken once: with a rest that waits for every callback to end (rest.ts) each step takes ten seconds.
test("a callback that waits for the home's time goes on at its instant, and keeps nobody waiting", { timeout: 9000 }, async () => {
  const begunMs = performance.now();
  const work = async (app: Waiting): Promise<void> => {
    for (let i = 1; i <= 100; i += 1) {
      await app.sleep(60);
      await readFile(import.meta.filename);
      randomBytes(8); // what is done at once leaves something behind, too
      app.log(`${i} at ${at(home, startMs)}`);
    }
  };
  // An interval that goes on is not what it waits for.
  const home = await homeOf(work, () => {
    const interval = setInterval(() => undefined, 1000);
    onTestFinished(() => clearInterval(interval));
  });
  const startMs = home.nowMs();
  await home.set("sensor.a", "on");
  await home.advance({ hours: 2 });
  expect(home.logs).toEqual(Array.from({ length: 100 }, (_, i) => `${i + 1} at ${(i + 1) * 60}`));
  expect(performance.now() - begunMs).toBeLessThan(SOON_MS);
  await home.stop();
});

// Broken once: with an initialize that is waited for as such (simulation.ts) the home never starts.
test("an initialize that waits for the home's time goes on when the test lets it pass, for good if it likes", {
  timeout: 9000,
}, async () => {
  const home = await homeOf(
    (app) => app.log("heard"),
    async (app) => {
      for (let i = 1; ; i += 1) {
        app.log(`turn ${i}`);
        await app.sleep(600);
      }
    },
  );
  expect(home.logs).toEqual(["turn 1"]);
  await home.set("sensor.a", "on");
  await home.advance({ minutes: 20 });
  expect(home.logs).toEqual(["turn 1", "heard", "turn 2", "turn 3"]);
  await home.stop();
});

test("an initialize that fails later fails the step that led to it, and the app is over", async () => {
  const home = await homeOf(
    (app) => app.log("heard"),
    async (app) => {
      await app.sleep(60);
      throw new RangeError("too late");
    },
  );
  await home.advance({ seconds: 59 });
  await expect(home.advance({ seconds: 1 })).rejects.toThrow("too late");
  await home.set("sensor.a", "on");
  expect(home.logs).toEqual([]);
  await home.stop();
});

test("a terminate that waits for the home's time does not hold up its end", { timeout: 9000 }, async () => {
  class Ending extends Waiting {
    override initialize(): void {
      this.log("begins");
    }
    override terminate(): Promise<unknown> {
      return this.sleep(60);
    }
  }
  await (await testHome(Ending)).stop();
});

async function slowServer(): Promise<string> {
  const server = createServer((_request, response) => void setTimeout(() => response.end("served"), 50));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// Broken once: without a look at what the process waits for (real-work.ts) all of these are said too late or never.
test.each<[string, () => Promise<(app: Waiting) => Promise<unknown>>]>([
  ["a timer", async () => () => pause(80, "served")],
  ["timers, one after the other", async () => () => pause(30).then(() => pause(30, "served"))],
  ["a fetch", fetching],
  ["a fetch after the home's time", lateFetching],
  ["a fetch over a connection that was used before", fetchingAgain],
  ["work of Node's own threads", async () => scrypting],
  ["work of theirs that no list shows", async () => () => promisify(gzip)(randomBytes(200_000)).then(() => "served")],
])("a callback that waits for real time is waited for: %s", async (_what, make) => {
  const work = await make();
  const home = await homeOf(async (app) => app.log(String(await work(app))));
  await home.set("sensor.a", "on");
  await home.advance({ minutes: 1 });
  expect(home.logs).toEqual(["served"]);
  await home.stop();
});

async function fetching() {
  const url = await slowServer();
  return async (): Promise<string> => (await fetch(url)).text();
}

async function fetchingAgain() {
  const once = await fetching();
  return async (): Promise<string> => {
    await once();
    return once();
  };
}

async function scrypting(app: Waiting): Promise<string> {
  void app.sleep(7200); // it may wait for that, for all that anybody knows
  await promisify(scrypt)("a", "b", 8);
  return "served";
}

async function lateFetching() {
  const late = await fetching();
  return async (app: Waiting): Promise<string> => {
    await app.sleep(60);
    return late();
  };
}

// Broken once: without patience for what is held (rest.ts) the answer comes after the hour.
test("an answer of a thread that the app has had before is waited for, also where the app may wait for the home", async () => {
  const answering =
    "const { parentPort: port } = require('node:worker_threads'); port.on('message', () => setTimeout(() => port.postMessage('served'), 20))";
  let worker: Worker | null = null;
  let answered: (text: string) => void = () => undefined;
  const home = await homeOf(
    async (app) => {
      void app.sleep(7200);
      const answer = Promise.withResolvers<string>();
      answered = answer.resolve;
      worker!.postMessage("asked");
      app.log(`${await answer.promise} at ${at(home, startMs)}`);
    },
    async () => {
      worker = new Worker(answering, { eval: true }).on("message", (text) => answered(text));
      await once(worker, "online");
    },
  );
  onTestFinished(async () => void (await worker!.terminate()));
  const startMs = home.nowMs();
  await home.set("sensor.a", "on");
  await home.advance({ hours: 1 });
  expect(home.logs).toEqual(["served at 0"]);
});

// Broken once: without an owner (stray-rejections.ts) the first three end the whole run as unhandled errors.
test.each<[string, (app: Waiting) => unknown]>([
  ["called alone", (app) => void app.callService("turn_on")],
  ["within a function of the app's that nobody waits for", (app) => void calling(app)],
  ["after the home's time", (app) => void app.sleep(60).then(() => app.callService("turn_on"))],
  ["waited for", (app) => app.callService("turn_on")],
])("a refused call fails the step that led to it, once: %s", async (_how, work) => {
  const home = await homeOf(work);
  await expect(home.set("sensor.a", "on").then(() => home.advance({ minutes: 1 }))).rejects.toThrow(/^callService: service: /);
  await home.advance({ minutes: 1 });
  await expect(homeOf(nothing, work).then((started) => started.advance({ minutes: 1 }))).rejects.toThrow(/^callService: service: /);
});

async function calling(app: App): Promise<void> {
  await app.getState("sensor.a");
  await app.callService("turn_on");
}

// Broken once: with every refusal taken for the app's (stray-rejections.ts) nobody hears of it.
test("a promise of the test's own that is refused is told to whoever listens, as ever", async () => {
  const others = process.listeners("unhandledRejection");
  const heard: unknown[] = [];
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", (reason) => heard.push(reason));
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const each of others) process.on("unhandledRejection", each);
  });
  const home = await homeOf(nothing);
  void Promise.reject(new Error("the test's"));
  await home.set("sensor.a", "on");
  expect(heard).toEqual([new Error("the test's")]);
});

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "mqtt";
import { eventually } from "../e2e/program.ts";
import { type DebianProgram, debianProgram, HOW_TO_GET } from "../helpers/debian-program.ts";

/** A real Mosquitto in a folder of its own, with one user. */
export interface Mosquitto {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** Ends it; what it retained is kept. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Everything that is told from now on, what is retained first. */
  watch(filter?: string): Promise<Watcher>;
  /** Somebody who says on `topic`, as Home Assistant does, when it has come and gone, and comes back as soon as the broker does. */
  guest(topic: string): Promise<Guest>;
  log(): string;
  stop(): Promise<void>;
}

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

export interface Watcher {
  readonly heard: readonly Heard[];
  /** The newest payload of a topic. */
  last(topic: string): string | null;
  say(topic: string, payload: string, isRetained?: boolean): Promise<void>;
  end(): Promise<void>;
}

export interface Guest {
  isThere(): boolean;
  end(): Promise<void>;
}

/** Where it is not at hand, why its tests are left out. */
export const mosquittoAtHand: DebianProgram | null = debianProgram("mosquitto");
export const NO_MOSQUITTO = `no Mosquitto at hand; ${HOW_TO_GET}`;

const USER = "addons";
const PASSWORD = "a password; with 'signs' \"of\" all kinds # too";

export async function startMosquitto(address = "127.0.0.1"): Promise<Mosquitto> {
  if (mosquittoAtHand === null) throw new Error(NO_MOSQUITTO);
  const { path, environment } = mosquittoAtHand;
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-mosquitto-"));
  chmodSync(folder, 0o777);
  mkdirSync(join(folder, "kept"));
  chmodSync(join(folder, "kept"), 0o777);
  const port = await freePort(address);
  const passwords = join(folder, "passwords");
  writeFileSync(passwords, "", { mode: 0o644 });
  const made = spawnSync(passwordProgram(path), ["-b", passwords, USER, PASSWORD], { env: { ...process.env, ...environment } });
  if (made.status !== 0) throw new Error(`mosquitto_passwd: ${made.stderr.toString()}`);
  chmodSync(passwords, 0o644);
  const configuration = join(folder, "mosquitto.conf");
  writeFileSync(
    configuration,
    `listener ${port} ${address}\nallow_anonymous false\npassword_file ${passwords}\npersistence true\npersistence_location ${join(folder, "kept")}/\nautosave_on_changes true\nautosave_interval 1\n${process.getuid?.() === 0 ? "user root\n" : ""}`,
  );
  const logFile = join(folder, "log");
  writeFileSync(logFile, "");
  let child: ChildProcess | null = null;
  const clients = new Set<{ end(): Promise<void> }>();

  async function up(): Promise<void> {
    const started = spawn(path, ["-v", "-c", configuration], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => appendFileSync(logFile, text));
    const lines = readFileSync(logFile, "utf8").length;
    await eventually(() => (readFileSync(logFile, "utf8").slice(lines).includes(" running") ? true : null), "Mosquitto runs", 20_000);
  }
  async function down(): Promise<void> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null) return;
    const gone = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill("SIGTERM");
    await gone;
  }

  await up();
  return {
    host: address,
    port,
    username: USER,
    password: PASSWORD,
    up,
    down,
    log: () => readFileSync(logFile, "utf8"),
    async watch(filter = "#") {
      const heard: Heard[] = [];
      const client = connect({ host: address, port, username: USER, password: PASSWORD, protocol: "mqtt" });
      client.on("error", () => undefined);
      client.on("message", (topic, payload, { retain }) => heard.push({ topic, payload: payload.toString(), isRetained: retain }));
      await new Promise((resolve) => client.once("connect", resolve));
      await client.subscribeAsync(filter, { qos: 1 });
      const watcher: Watcher = {
        heard,
        last: (topic) => heard.findLast((each) => each.topic === topic)?.payload ?? null,
        async say(topic, payload, isRetained = false) {
          await client.publishAsync(topic, payload, { qos: 1, retain: isRetained });
        },
        async end() {
          clients.delete(watcher);
          await client.endAsync(true);
        },
      };
      clients.add(watcher);
      return watcher;
    },
    async guest(topic) {
      const client = connect({
        host: address,
        port,
        username: USER,
        password: PASSWORD,
        protocol: "mqtt",
        reconnectPeriod: 100,
        will: { topic, payload: Buffer.from("offline"), qos: 0, retain: false },
      });
      client.on("error", () => undefined);
      client.on("connect", () => client.publish(topic, "online"));
      await new Promise((resolve) => client.once("connect", resolve));
      const guest: Guest = {
        isThere: () => client.connected,
        async end() {
          clients.delete(guest);
          await client.endAsync(true);
        },
      };
      clients.add(guest);
      return guest;
    },
    async stop() {
      for (const client of clients) await client.end();
      await down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** In Debian the server lies in sbin, its tools in bin. */
function passwordProgram(server: string): string {
  return join(dirname(dirname(server)), "bin", "mosquitto_passwd");
}

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof bound === "object" && bound !== null ? bound.port : 0;
}

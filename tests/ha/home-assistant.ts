import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";

/** A real Home Assistant in a folder of its own, started by a command like `hass` or `/opt/ha/bin/hass`. */
export interface HomeAssistant {
  readonly url: string;
  readonly token: string;
  readonly folder: string;
  readonly version: string;
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** The same home again, with the same token, after a stop. */
  start(): Promise<void>;
  /** One websocket command with the harness's own token. */
  command(message: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** A service, with what it answers where it answers something. */
  call(service: string, data: Readonly<Record<string, unknown>>, withResponse?: boolean): Promise<unknown>;
  /** The state of an entity with the instants of its last change and update, or null when there is none. */
  stateOf(entityId: string): Promise<EntityState | null>;
  /** A step of a config flow over HTTP, as the frontend takes it. */
  flow(id: string | null, data: Readonly<Record<string, unknown>>): Promise<FlowStep>;
  /** Sets any entity's state over HTTP, as a script would. */
  setState(entityId: string, state: string, attributes?: Readonly<Record<string, unknown>>): Promise<EntityState>;
}

export interface FlowStep {
  readonly type: string;
  readonly flow_id: string;
  readonly errors?: Readonly<Record<string, string>> | null;
  readonly data_schema?: readonly { readonly name: string }[];
  readonly message?: string;
}

export interface EntityState {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly last_changed: string;
  readonly last_updated: string;
}

export interface HomeAssistantOptions {
  readonly command: string;
  /** Must be visible to the command under the same path. */
  readonly folder: string;
  /** More lines of configuration.yaml. */
  readonly configuration?: string;
  /** Without the two helpers of sleep, which a newcomer's home does not have. */
  readonly isNew?: boolean;
  /** A folder that is copied to custom_components. */
  readonly customComponents?: string;
}

const START_LIMIT_MS = 180_000;

export async function startHomeAssistant(options: HomeAssistantOptions): Promise<HomeAssistant> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(options.folder, { recursive: true });
  writeFileSync(
    join(options.folder, "configuration.yaml"),
    `${configuration(port, options.folder, options.isNew ?? false)}${options.configuration ?? ""}`,
  );
  if (options.customComponents !== undefined)
    cpSync(options.customComponents, join(options.folder, "custom_components"), { recursive: true });
  let child: ChildProcess | null = null;
  let token = "";

  async function start(): Promise<void> {
    const log = openSync(join(options.folder, "run.log"), "a");
    const [program, ...words] = options.command.split(" ");
    child = spawn(program!, [...words, "-c", options.folder], { detached: true, stdio: ["ignore", log, log] });
    const ended = new Promise<never>((_, reject) =>
      child!.once("exit", (code) => reject(new Error(`hass ended with code ${code}: ${tailOf(options.folder)}`))),
    );
    ended.catch(() => undefined);
    await Promise.race([ended, waitUntil(async () => (await fetch(`${url}/manifest.json`)).ok)]);
    if (token === "") token = await onboard(url);
    await Promise.race([
      ended,
      waitUntil(async () => {
        const answer = await fetch(`${url}/api/config`, { headers: { authorization: `Bearer ${token}` } });
        return ((await answer.json()) as { state?: string }).state === "RUNNING";
      }),
    ]);
  }

  async function stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const running = child;
    child = null;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => running.once("exit", () => resolve()));
    process.kill(-running.pid, signal);
    const forced = setTimeout(() => process.kill(-running.pid!, "SIGKILL"), 40_000);
    await gone;
    clearTimeout(forced);
  }

  // A test run that ends in the middle of something must not leave a Home Assistant behind.
  process.once("exit", () => {
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  });

  async function http(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
  }

  await start();
  const version = ((await callOnce(url, token, { type: "get_config" })) as { version: string }).version;
  return {
    url,
    get token() {
      return token;
    },
    folder: options.folder,
    version,
    start,
    stop,
    command: (message) => callOnce(url, token, message),
    call(service, data, withResponse = false) {
      const [domain, name] = service.split(".");
      const message = { type: "call_service", domain, service: name, service_data: data };
      return callOnce(url, token, withResponse ? { ...message, return_response: true } : message);
    },
    async stateOf(entityId) {
      const answer = await http(`/api/states/${entityId}`);
      return answer.ok ? ((await answer.json()) as EntityState) : null;
    },
    async flow(id, data) {
      const answer = await http(`/api/config/config_entries/flow${id === null ? "" : `/${id}`}`, {
        method: "POST",
        body: JSON.stringify(data),
      });
      return (await answer.json()) as FlowStep;
    },
    async setState(entityId, state, attributes = {}) {
      const answer = await http(`/api/states/${entityId}`, { method: "POST", body: JSON.stringify({ state, attributes }) });
      return (await answer.json()) as EntityState;
    },
  };
}

const SLEEP_HELPERS = `input_datetime:
  sleep_start: {name: Sleep start, has_date: true, has_time: true}
  sleep_end: {name: Sleep end, has_date: true, has_time: true}
`;

function configuration(port: number, folder: string, isNew: boolean): string {
  return `homeassistant: {name: Test home, latitude: 52.1, longitude: 4.9, elevation: 0, time_zone: Europe/Amsterdam, country: NL, allowlist_external_dirs: [${folder}]}
http: {server_port: ${port}, server_host: 127.0.0.1}
recorder: {commit_interval: 1, purge_keep_days: 10}
history:
api:
websocket_api:
config:
sun:
${isNew ? "input_datetime:\n" : SLEEP_HELPERS}input_boolean: {asleep: {name: Asleep}, lamp: {name: Lamp}}
input_number: {level: {min: 0, max: 100}}
logger: {default: warning}
`;
}

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (const until = performance.now() + START_LIMIT_MS; performance.now() < until; await pause(250)) {
    if (await isTrue().catch(() => false)) return;
  }
  throw new Error("Home Assistant was not ready in time");
}

const tailOf = (folder: string): string => readFileSync(join(folder, "run.log"), "utf8").slice(-2000);

/** Makes the owner, finishes onboarding, and returns a long-lived token. */
async function onboard(url: string): Promise<string> {
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Record<string, string>> => {
    const isForm = body instanceof URLSearchParams;
    const answer = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { ...(isForm ? {} : { "content-type": "application/json" }), ...headers },
      body: isForm ? body : JSON.stringify(body),
    });
    return (await answer.json().catch(() => ({}))) as Record<string, string>;
  };
  const client = `${url}/`;
  const owner = await post("/api/onboarding/users", {
    client_id: client,
    name: "o",
    username: "o",
    password: "onboard-pass-1",
    language: "en",
  });
  const access = await post(
    "/auth/token",
    new URLSearchParams({ grant_type: "authorization_code", code: owner["auth_code"]!, client_id: client }),
  );
  const bearer = { authorization: `Bearer ${access["access_token"]}` };
  await post("/api/onboarding/core_config", {}, bearer);
  await post("/api/onboarding/analytics", {}, bearer);
  await post("/api/onboarding/integration", { client_id: client, redirect_uri: client }, bearer);
  const token = (await callOnce(url, access["access_token"]!, {
    type: "auth/long_lived_access_token",
    client_name: "test",
    lifespan: 30,
  })) as string;
  // Newer releases go back to their default port after five minutes unless the one in use is confirmed; older ones do not know the command.
  await callOnce(url, token, { type: "http/config/promote" }).catch(() => undefined);
  return token;
}

/** Opens a connection, authorises, sends one command, returns its result. */
function callOnce(url: string, token: string, message: Readonly<Record<string, unknown>>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/websocket`, { perMessageDeflate: false });
    socket.on("error", reject);
    socket.on("message", (data) => {
      const answer = JSON.parse(String(data)) as { type: string; success?: boolean; result?: unknown; error?: { message: string } };
      if (answer.type === "auth_required") socket.send(JSON.stringify({ type: "auth", access_token: token }));
      else if (answer.type === "auth_ok") socket.send(JSON.stringify({ id: 1, ...message }));
      else if (answer.type === "result") {
        if (answer.success) resolve(answer.result);
        else reject(new Error(answer.error?.message ?? "refused"));
        socket.close();
      } else reject(new Error(answer.type));
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

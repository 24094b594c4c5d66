import type { RawData, WebSocket } from "ws";
import type { ZodType } from "zod";
import { createOutbox, type Outbox } from "./outbox.ts";

const AUTH_TIMEOUT_MS = 10_000;

/** What a command may do with the connection that it came on. */
export interface Session {
  readonly outbox: Outbox;
  /** Subscriptions by the id of the command that made them. */
  readonly subscriptions: Map<number, () => void>;
}

export interface Command {
  /** Of the whole message; Home Assistant refuses unknown keys. */
  readonly schema: ZodType;
  /** Answers by `result`, or throws a CommandError. */
  run(message: unknown, id: number, session: Session): unknown;
}

/** An answer with `success: false`. */
export class CommandError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export interface ConnectionOptions {
  readonly version: string;
  readonly commands: ReadonlyMap<string, Command>;
  accepts(token: string): boolean;
  /** How late each answer is, ms; read at every message. */
  delayMs(): number;
}

/** A command that answers in its own form instead of a result. */
export const ANSWERED = Symbol("answered");

/** One client: the auth phase, then commands with rising ids. Returns its session, for faults. */
export function serveConnection(socket: WebSocket, options: ConnectionOptions): Session {
  const session: Session = { outbox: createOutbox(socket), subscriptions: new Map() };
  let authenticated = false;
  let lastId = 0;

  const authTimer = setTimeout(() => socket.close(1000), AUTH_TIMEOUT_MS);
  socket.send(JSON.stringify({ type: "auth_required", ha_version: options.version }));
  socket.on("error", () => socket.terminate());
  socket.on("close", () => {
    clearTimeout(authTimer);
    for (const end of session.subscriptions.values()) end();
    session.subscriptions.clear();
  });
  socket.on("message", (raw, isBinary) => {
    const delayMs = options.delayMs();
    if (delayMs > 0) setTimeout(() => receive(raw, isBinary), delayMs);
    else receive(raw, isBinary);
  });
  return session;

  function receive(raw: RawData, isBinary: boolean): void {
    if (socket.readyState !== socket.OPEN || (isBinary && authenticated)) return;
    let message: unknown;
    try {
      message = JSON.parse(raw.toString());
    } catch {
      socket.close(1000);
      return;
    }
    if (!authenticated) authenticate(message);
    else for (const one of Array.isArray(message) ? message : [message]) handle(one);
  }

  function authenticate(message: unknown): void {
    const refusal = refusalOf(message, options.accepts);
    socket.send(
      JSON.stringify(refusal === null ? { type: "auth_ok", ha_version: options.version } : { type: "auth_invalid", message: refusal }),
    );
    if (refusal !== null) {
      socket.close(1000);
      return;
    }
    authenticated = true;
    clearTimeout(authTimer);
  }

  function handle(message: unknown): void {
    try {
      const { id, result } = run(message);
      if (result !== ANSWERED) session.outbox.send(JSON.stringify({ id, type: "result", success: true, result: result ?? null }));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      fail(isObject(message) ? (message["id"] ?? null) : 0, error);
    }
  }

  function run(message: unknown): { readonly id: number; readonly result: unknown } {
    const { id, type } = isObject(message) ? message : {};
    if (typeof id !== "number" || !Number.isInteger(id) || id <= 0 || typeof type !== "string" || type === "") {
      throw new CommandError("invalid_format", "Message incorrectly formatted.");
    }
    if (id <= lastId) throw new CommandError("id_reuse", "Identifier values have to increase.");
    const command = options.commands.get(type);
    // The id of an unknown command stays free.
    if (!command) throw new CommandError("unknown_command", "Unknown command.");
    lastId = id;
    const parsed = command.schema.safeParse(message);
    if (!parsed.success) throw new CommandError("invalid_format", describe(parsed.error.issues));
    return { id, result: command.run(parsed.data, id, session) };
  }

  function fail(id: unknown, error: CommandError): void {
    const answer = { id, type: "result", success: false, error: { code: error.code, message: error.message, ...error.details } };
    session.outbox.send(JSON.stringify(answer));
  }
}

function refusalOf(message: unknown, accepts: (token: string) => boolean): string | null {
  const { type, access_token: token } = isObject(message) ? message : {};
  if (type !== "auth" || (token !== undefined && typeof token !== "string")) return "Auth message incorrectly formatted";
  return token !== undefined && accepts(token) ? null : "Invalid access token or password";
}

function describe(issues: readonly { readonly message: string; readonly path: readonly PropertyKey[] }[]): string {
  return issues.map((issue) => `${issue.message} at '${issue.path.join(".")}'`).join("\n");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

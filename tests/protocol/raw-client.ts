import { WebSocket } from "ws";

/** One message of the protocol, read only as far as a test looks. */
export interface Message {
  readonly id?: unknown;
  readonly type?: string;
  readonly success?: boolean;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly event?: HomeAssistantEvent;
  readonly message?: string;
  readonly ha_version?: string;
}

export interface HomeAssistantEvent {
  readonly event_type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly time_fired: string;
  readonly origin: string;
  readonly context: { readonly id: string; readonly user_id: string | null };
}

export interface RawClient {
  /** Every frame as it came, oldest first. */
  readonly frames: readonly string[];
  /** Every message, arrays unpacked. */
  messages(): readonly Message[];
  send(message: unknown): void;
  sendText(text: string): void;
  /** Sends with the next id and waits for the answer to it. */
  command(message: Readonly<Record<string, unknown>>): Promise<Message>;
  /** The result of a command that must succeed. */
  result(message: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The error code of a command that must fail. */
  errorCode(message: Readonly<Record<string, unknown>>): Promise<string>;
  /** Waits for the first message that fits, also among those that have come already. */
  until(fits: (message: Message) => boolean): Promise<Message>;
  closed(): Promise<number>;
  end(): void;
}

const PATIENCE_MS = 10_000;

/** A websocket client that knows no more of the protocol than that commands have rising ids. */
export async function openRaw(url: string): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/websocket`, { perMessageDeflate: false, maxPayload: 64 << 20 });
  const frames: string[] = [];
  const all: Message[] = [];
  const waiting = new Set<() => void>();
  let nextId = 1;
  let closeCode: number | null = null;
  const wake = (): void => {
    for (const look of [...waiting]) look();
  };
  socket.on("message", (raw) => {
    const frame = raw.toString();
    frames.push(frame);
    const parsed: unknown = JSON.parse(frame);
    all.push(...((Array.isArray(parsed) ? parsed : [parsed]) as Message[]));
    wake();
  });
  socket.on("close", (code) => {
    closeCode = code;
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve).once("error", reject);
  });
  socket.on("error", () => undefined);

  function waitFor<T>(look: () => T | null, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(attempt);
        reject(new Error(`waited in vain for ${what}; the last frames: ${frames.slice(-3).join(" ").slice(0, 500)}`));
      }, PATIENCE_MS);
      function attempt(): void {
        const found = look();
        if (found === null) return;
        clearTimeout(timer);
        waiting.delete(attempt);
        resolve(found);
      }
      waiting.add(attempt);
      attempt();
    });
  }
  const client: RawClient = {
    frames,
    messages: () => all,
    send: (message) => client.sendText(JSON.stringify(message)),
    sendText: (text) => socket.send(text),
    command(message) {
      const id = typeof message["id"] === "number" ? message["id"] : nextId;
      nextId = Math.max(nextId, id + 1);
      const from = all.length;
      client.send({ id, ...message });
      return waitFor(
        () => all.slice(from).find((answer) => answer.id === id && answer.type !== "event") ?? null,
        `the answer to ${JSON.stringify(message)}`,
      );
    },
    async result(message) {
      const answer = await client.command(message);
      if (answer.success !== true) throw new Error(`${JSON.stringify(message)} was refused: ${JSON.stringify(answer)}`);
      return answer.result;
    },
    async errorCode(message) {
      const answer = await client.command(message);
      if (answer.success !== false || !answer.error)
        throw new Error(`${JSON.stringify(message)} was not refused: ${JSON.stringify(answer)}`);
      return answer.error.code;
    },
    until: (fits) => waitFor(() => all.find(fits) ?? null, "a message"),
    closed: () => waitFor(() => closeCode, "the end of the connection"),
    end: () => socket.terminate(),
  };
  return client;
}

/** Opened, authenticated and, when asked for, taking several messages in one frame. */
export async function openAuthenticated(url: string, token: string, coalesce = false): Promise<RawClient> {
  const client = await openRaw(url);
  await client.until((message) => message.type === "auth_required");
  client.send({ type: "auth", access_token: token });
  await client.until((message) => message.type === "auth_ok");
  if (coalesce) await client.result({ type: "supported_features", features: { coalesce_messages: 1 } });
  return client;
}

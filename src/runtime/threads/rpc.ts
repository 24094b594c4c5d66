import type { Transferable } from "node:worker_threads";
import { reasonOf } from "../../core/reason.ts";

/** One end of a message channel: a worker, its parent port, a message port, the channel of a process. */
export interface Port {
  on(event: "message", listener: (message: unknown) => void): unknown;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

interface Request {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}
type Reply = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failure: Failure };
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly stack: string | undefined;
}

/** An error that happened in another thread, with its code and its stack over there. */
export class RemoteError extends Error {
  readonly code: string | undefined;
  readonly remoteStack: string | undefined;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = failure.name;
    this.code = failure.code;
    this.remoteStack = failure.stack;
  }
}

export interface RpcClient {
  call(name: string, input: unknown, transfer?: Transferable[]): Promise<unknown>;
  /** Fails every call under way, and all later ones: the other end is gone. */
  fail(error: Error): void;
}

export function createRpcClient(port: Port): RpcClient {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let nextId = 1;
  let gone: Error | null = null;
  port.on("message", (message) => {
    const reply = message as Reply;
    const call = waiting.get(reply.id);
    if (call === undefined) return;
    waiting.delete(reply.id);
    if ("failure" in reply) call.reject(new RemoteError(reply.failure));
    else call.resolve(reply.result);
  });
  return {
    call(name, input, transfer) {
      if (gone !== null) return Promise.reject(gone);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        port.postMessage({ id, name, input } satisfies Request, transfer ?? []);
      });
    },
    fail(error) {
      gone = error;
      for (const call of waiting.values()) call.reject(error);
      waiting.clear();
    },
  };
}

/** Answers each request of the port with `handle`'s result. Requests are handled as they come; ordering is the handler's affair. A text is none. */
export function serveRpc(port: Port, handle: (name: string, input: unknown) => unknown): void {
  port.on("message", (request) => {
    if (typeof request !== "string") void answer(port, request as Request, handle);
  });
}

async function answer(port: Port, request: Request, handle: (name: string, input: unknown) => unknown): Promise<void> {
  let reply: Reply;
  try {
    reply = { id: request.id, result: await handle(request.name, request.input) };
  } catch (error) {
    reply = { id: request.id, failure: failureOf(error) };
  }
  port.postMessage(reply, []);
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: "Error", message: reasonOf(error), code: undefined, stack: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { name: error.name, message: error.message, code, stack: error.stack };
}

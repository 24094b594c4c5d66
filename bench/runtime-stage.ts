import type { ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AppStatus } from "../src/runtime/apps/app-lane.ts";

export interface Counted {
  readonly app: string;
  readonly count: number;
  readonly lastMs: number;
  readonly delays: readonly number[];
}

interface Figures {
  /** Of the program and its apps' process; shared pages are counted once. */
  readonly memoryMb: number;
  /** Events that are committed. */
  readonly stored: number;
  readonly spilled: number;
  readonly status: readonly AppStatus[];
}

/** The program's process with its apps, and the process that plays Home Assistant to it, unless a real one is given. */
export interface Stage {
  /** What each app counted so far. */
  readonly counts: ReadonlyMap<string, Counted>;
  readonly delays: readonly number[];
  readonly failures: readonly { readonly app: string; readonly words: string; readonly atMs: number }[];
  /** Begins to send; resolves to the instant of the first event. */
  send(wish: { readonly events: number; readonly perSecond?: number }): Promise<number>;
  figures(): Promise<Figures>;
  close(): Promise<void>;
}

export async function openStage(
  folder: string,
  entities: number,
  home: { readonly url: string; readonly token: string } | null,
  start: typeof fork,
): Promise<Stage> {
  const sender = home === null ? start(join(import.meta.dirname, "ingest-sender.ts"), ["0", String(entities)]) : null;
  const { url } = sender === null ? home! : await answer<{ url: string }>(sender, "url");
  const app = start(join(import.meta.dirname, "runtime-app.ts"), [url, home?.token ?? "token", folder]);
  const counts = new Map<string, Counted>();
  const delays: number[] = [];
  const failures: Stage["failures"][number][] = [];
  app.on("message", (message: { readonly counted?: Counted; readonly failed?: Stage["failures"][number] }) => {
    if (message.counted !== undefined) {
      counts.set(message.counted.app, message.counted);
      delays.push(...message.counted.delays);
    }
    if (message.failed !== undefined) failures.push(message.failed);
  });
  await answer(app, "ready");
  return {
    counts,
    delays,
    failures,
    async send(wish) {
      sender!.send(wish);
      return (await answer<{ startedMs: number }>(sender!, "startedMs")).startedMs;
    },
    async figures() {
      app.send({ report: true });
      return (await answer<{ figures: Figures }>(app, "figures")).figures;
    },
    async close() {
      const ended = new Promise((resolve) => app.once("exit", resolve));
      app.send({ end: true });
      await Promise.race([ended, pause(5_000)]);
      app.kill("SIGKILL");
      sender?.kill();
    },
  };
}

/** The first message that has this key. */
function answer<T>(child: ChildProcess, key: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with code ${code}`));
    const hear = (message: object): void => {
      if (!(key in message)) return;
      child.off("exit", ended);
      child.off("message", hear);
      resolve(message as T);
    };
    child.once("exit", ended);
    child.on("message", hear);
  });
}

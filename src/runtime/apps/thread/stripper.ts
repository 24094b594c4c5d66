import { Worker } from "node:worker_threads";
import { errorOf } from "../../../core/reason.ts";
import { createRpcClient, type RpcClient } from "../../threads/rpc.ts";
import type { Agenda } from "../home/agenda.ts";

/** Files of apps without their types, by path. */
export type Sources = Readonly<Record<string, string>>;

export interface Stripper {
  /** The file and those beside it that it imports; empty where it is JavaScript already. */
  strip(file: string): Promise<Sources>;
  stop(): Promise<void>;
}

/** Apps come together, at a start or a save; between them the thread would only hold memory. */
const IDLE_MS = 10_000;

export function createStripper(agenda: Agenda, nowMs: () => number): Stripper {
  let lane: { readonly worker: Worker; readonly client: RpcClient } | null = null;
  let stopWaiting: () => void = () => undefined;

  function open() {
    const worker = new Worker(new URL("../../threads/strip-thread.ts", import.meta.url));
    const client = createRpcClient(worker);
    worker.on("error", (error) => client.fail(errorOf(error)));
    worker.on("exit", () => client.fail(new Error("the thread that strips types has ended")));
    return { worker, client };
  }

  async function end(): Promise<void> {
    const ending = lane;
    lane = null;
    await ending?.worker.terminate();
  }

  return {
    async strip(file) {
      if (!/\.m?ts$/.test(file)) return {};
      stopWaiting();
      lane ??= open();
      try {
        return (await lane.client.call("strip", file)) as Sources;
      } catch {
        // Then Node strips them itself, in the app's own thread.
        await end();
        return {};
      } finally {
        stopWaiting();
        stopWaiting = agenda.at(nowMs() + IDLE_MS, () => void end());
      }
    },
    async stop() {
      stopWaiting();
      await end();
    },
  };
}

import { setTimeout as pause } from "node:timers/promises";
import type { HabitChange, Probability } from "../../../kit/contract.ts";
import type { Place } from "../../schedule/schedule.ts";
import type { ArgLines } from "../folder/apps-yaml.ts";
import { logOfConsole } from "../thread/app-console.ts";
import type { AppClass } from "../thread/load.ts";
import type { PastHome } from "./past-home.ts";
import { createSimulation, type Deed } from "./simulation.ts";

export interface TravelParts {
  readonly past: PastHome;
  readonly place: Place;
  readonly name: string;
  readonly args: unknown;
  /** Where they stand in apps.yaml, if they come from there. */
  readonly lines?: ArgLines | undefined;
  /** How many times as fast as life; without it as fast as can be. */
  readonly speed?: number | undefined;
  readonly onDeed: (deed: Deed) => void;
  readonly onInstant?: (atMs: number) => void;
  readonly onProgress?: (share: number) => void;
}

export interface TravelCounts {
  readonly states: number;
  readonly predictions: number;
  readonly reports: number;
}

/** Lives the past of a home again with one app in it: what it would have done, and when. Meanwhile `console` is the app's, from its loading on. */
export async function travel(load: () => Promise<AppClass>, parts: TravelParts): Promise<TravelCounts> {
  const { past, place, onDeed, speed } = parts;
  const newest = new Map<string, Probability>();
  const reported: HabitChange[] = [];
  const counts = { states: 0, predictions: 0, reports: 0 };
  const simulation = createSimulation({
    startMs: past.fromMs,
    place,
    findings: {
      targets: null,
      probability: async (target) => newest.get(target) ?? null,
      changes: async (stream) => [...reported].reverse().filter((change) => stream === null || change.stream === stream),
    },
    onDeed,
    ...(parts.onInstant === undefined ? {} : { onInstant: parts.onInstant }),
    // As far as it has been lived: what comes later nobody knows.
    history: async (entityId, fromMs, toMs) => past.history(entityId, fromMs, Math.min(toMs, simulation.nowMs())),
  });

  /** At a speed, each thing that is due comes after its own wait. */
  async function passTo(atMs: number): Promise<void> {
    if (speed !== undefined) {
      for (let due = simulation.nextMs(); due !== null && due < atMs; due = simulation.nextMs()) {
        await pause((due - simulation.nowMs()) / speed);
        await simulation.advanceTo(due);
      }
      await pause((atMs - simulation.nowMs()) / speed);
    }
    await simulation.advanceTo(atMs);
  }

  const endConsole = logOfConsole((level, text) => onDeed({ kind: "log", level, text, atMs: simulation.nowMs() }));
  try {
    await live();
    return counts;
  } finally {
    endConsole();
  }

  async function live(): Promise<void> {
    simulation.know(past.states);
    await simulation.start(await load(), parts.name, parts.args, parts.lines);
    for (const happening of past.happenings()) {
      await passTo(happening.atMs);
      if (happening.kind === "state") {
        counts.states += 1;
        await simulation.heard(happening.state);
        if (counts.states % 1000 === 0) parts.onProgress?.((happening.atMs - past.fromMs) / (past.toMs - past.fromMs));
      } else if (happening.kind === "prediction") {
        counts.predictions += 1;
        newest.set(happening.probability.target, happening.probability);
        await simulation.predicted(happening.probability);
      } else {
        counts.reports += 1;
        reported.push(happening.change);
        await simulation.reported(happening.change);
      }
    }
    await passTo(past.toMs);
    await simulation.stop();
  }
}

import type { OverviewBody } from "../../../api/routes.ts";

export type StepName = "connect" | "entities" | "history" | "labels" | "train";

export interface StepState {
  readonly name: StepName;
  readonly isDone: boolean;
}

/** What is done of the five, in their order; none hinders another, so a later one may be done before. */
export function stepsOf({ health, entities, events, backfill, targets }: OverviewBody, target: string): readonly StepState[] {
  const found = targets.find(({ name }) => name === target);
  const days = found?.readiness?.gates.find(({ gate }) => gate === "labelled_days") ?? null;
  const needed = days?.need ?? null;
  return [
    { name: "connect", isDone: health.connection === "connected" },
    { name: "entities", isDone: entities.withEvents > 0 },
    { name: "history", isDone: events.total > 0 && backfill === null },
    { name: "labels", isDone: needed !== null && (days?.have ?? 0) >= needed },
    { name: "train", isDone: found?.prediction.stage === "eligible" && found.prediction.probability !== null },
  ];
}

/** The first that is not done; null when all are. */
export function currentStep(steps: readonly StepState[]): StepName | null {
  return steps.find(({ isDone }) => !isDone)?.name ?? null;
}

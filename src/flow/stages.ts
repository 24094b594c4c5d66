import { createFeatureStage } from "./features.ts";
import { changeLabels, type LabelRequest } from "./label-wishes.ts";
import { captureLabels } from "./labels.ts";
import type { MaintainInput } from "./maintain.ts";
import { changeModel, type ModelRequest } from "./model-wishes.ts";
import { pairLabels } from "./pairs.ts";
import { predict } from "./predict.ts";
import type { RunLengthsInput } from "./run-lengths.ts";
import type { StageContext } from "./stage.ts";
import type { TrainInput } from "./train.ts";

/** No choice to make. */
export type NoInput = Readonly<Record<string, never>>;

/**
 * The stages by name, in the order data moves, over one reader, one writer and one clock. What is needed once a day or an hour is loaded when
 * it is asked for: the thread of the passes lives for years without it.
 */
export function createStages(context: StageContext) {
  return {
    features: createFeatureStage(context),
    labels: (_: NoInput) => captureLabels(context),
    changeLabels: (input: LabelRequest) => changeLabels(context, input),
    changeModel: (input: ModelRequest) => changeModel(context, input),
    pairs: (_: NoInput) => pairLabels(context),
    train: async (input: TrainInput) => (await import("./train.ts")).train(context, input),
    drift: async (_: NoInput) => (await import("./drift-watch.ts")).watchDrift(context),
    predict: (_: NoInput) => predict(context),
    changes: async (_: NoInput) => {
      const watched = await (await import("./changes.ts")).watchChanges(context);
      return { ...watched, suggestions: await (await import("./label-suggestions.ts")).suggestLabels(context) };
    },
    runLengths: async (input: RunLengthsInput) => (await import("./run-lengths.ts")).readRunLengths(context, input),
    maintain: async (input: MaintainInput) => (await import("./maintain.ts")).maintain(context, input),
  } as const;
}

export type Stages = ReturnType<typeof createStages>;
export type StageName = keyof Stages;
export type StageInput<N extends StageName> = Parameters<Stages[N]>[0];
export type StageResult<N extends StageName> = Awaited<ReturnType<Stages[N]>>;

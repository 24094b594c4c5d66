import { z } from "zod";
import { instant, stage } from "./columns.ts";

/**
 * What every consumer may rely on in artifact_json: probability = sigmoid(intercept + sum of coefficient · raw feature value), where
 * a value that is NULL is its `imputation`. Scaling and calibration are folded in. More keys follow and are not promised. `feature_names` is as
 * long as `coefficients`, and each name has an imputation.
 */
export const artifactDocument = z.looseObject({
  model: z.looseObject({ coefficients: z.array(z.number()), intercept: z.number() }),
  feature_names: z.array(z.string()),
  imputation: z.record(z.string(), z.number()),
});

/** vw_health.degraded_reasons, oldest first. */
export const degradedDocument = z.array(
  z.looseObject({
    code: z.string().describe("short and stable, for automations"),
    since: instant,
    cause: z.string().describe("what happened"),
    effect: z.string().describe("what does not work because of it"),
    remedy: z.string().describe("what to do"),
  }),
);

/** vw_health.readiness: target name -> the stage reached and every gate. `stage` is null before the first model. */
export const readinessDocument = z.record(
  z.string(),
  z.looseObject({
    stage: stage.nullable(),
    gates: z.array(
      z.looseObject({
        gate: z.string().describe("e.g. labelled_days"),
        have: z.number().nullable(),
        need: z.number(),
        met: z.boolean(),
      }),
    ),
  }),
);

/** vw_health.pair_exclusions: target name -> why windows were left out of its training -> how many. */
export const exclusionsDocument = z.record(z.string(), z.record(z.string(), z.int().min(0)));

import type { Target } from "./target.ts";

export interface TargetState {
  readonly isOn: boolean;
  /** False = no model that may decide: only whether it is likelier than not. */
  readonly isDecided: boolean;
  /** Since when it is so; null = for all of the time that is shown. */
  readonly sinceMs: number | null;
}

const HALF = 0.5;

/** On or off, or likely or not, and since when, by what was said of each window of the last day. */
export function stateOf({ prediction, curve, onSpans }: Pick<Target, "prediction" | "curve" | "onSpans">): TargetState {
  const firstMs = Date.parse(curve.firstWindowEndUtc) - curve.gridMs;
  if (prediction.isOn !== null) {
    const last = onSpans.at(-1);
    const sinceUtc = prediction.isOn ? last?.startUtc : last?.endUtc;
    const sinceMs = sinceUtc === undefined ? null : Date.parse(sinceUtc);
    return { isOn: prediction.isOn, isDecided: true, sinceMs: sinceMs !== null && sinceMs > firstMs ? sinceMs : null };
  }
  const limit = prediction.threshold ?? HALF;
  const isOn = (prediction.probability ?? 0) >= limit;
  const { probabilities, gridMs } = curve;
  const before = probabilities.findLastIndex((probability) => probability !== null && probability >= limit !== isOn);
  return { isOn, isDecided: false, sinceMs: before < 0 ? null : firstMs + (before + 1) * gridMs };
}

import type { Label, LabelKind } from "../core/labels/label.ts";
import { createZone } from "../core/time.ts";
import { removeLabel, tellLabels } from "./labels.ts";
import type { StageContext } from "./stage.ts";

/** What a person wants of the labels, from the command line. */
export type LabelWish =
  | { readonly kind: "remove"; readonly id: number }
  | {
      readonly kind: "tell";
      readonly source: string;
      readonly labels: readonly { readonly startMs: number; readonly endMs: number; readonly kind: LabelKind }[];
    };

export interface LabelRequest {
  readonly targetName: string;
  readonly wish: LabelWish;
}

/** @throws RangeError in words when a label cannot be: it is changed nothing then. */
export async function changeLabels(
  context: StageContext,
  { targetName, wish }: LabelRequest,
): Promise<{ added: number; replaced: number }> {
  const { reader, writer, clock, options } = context;
  const telling = { reader, writer, nowMs: clock.nowMs() };
  if (wish.kind === "remove") {
    const replaced = await removeLabel(telling, targetName, wish.id);
    if (replaced === 0) throw new RangeError(`there is no label ${wish.id} of ${targetName}; list them to see the numbers`);
    return { added: 0, replaced };
  }
  const zone = createZone(options.timeZone);
  const labels = wish.labels.map(({ startMs, endMs, kind }): Label => {
    if (!(endMs > startMs)) throw new RangeError("a label must end after it begins");
    if (endMs > telling.nowMs && kind !== "excluded") throw new RangeError("a label says what was: its end must have passed");
    return {
      startMs,
      endMs,
      kind,
      localDate: zone.dateAt(endMs),
      timeZone: options.timeZone,
      source: wish.source,
      capturedAtMs: telling.nowMs,
      rawStart: null,
      rawEnd: null,
      saidBy: null,
      status: "active",
      reason: null,
    };
  });
  return tellLabels(telling, targetName, labels);
}

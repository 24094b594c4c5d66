import type { LabelKind } from "../labels/label.ts";
import type { Span } from "../labels/span.ts";

/** What pairing needs of an active label. */
export interface PairLabel extends Span {
  readonly id: number;
  readonly kind: LabelKind;
  readonly capturedAtMs: number;
}

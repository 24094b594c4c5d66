import type { LabelKind } from "../core/labels/label.ts";

/** A label that a person says by another way than a helper. */
export interface ToldSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: LabelKind;
  /** Of a file that says many. */
  readonly line?: number | undefined;
  readonly capturedAtMs?: number | undefined;
  readonly timeZone?: string | undefined;
  readonly rawStart?: string | undefined;
  readonly rawEnd?: string | undefined;
}

export interface TellWish {
  readonly kind: "tell";
  readonly source: string;
  readonly labels: readonly ToldSpan[];
  readonly saidBy?: string | undefined;
}

export interface LabelAnswer {
  readonly added: number;
  readonly replaced: number;
  /** Labels that were there already. */
  readonly known: number;
  /** Those of a file that are no labels, each with the reason; the others are in. */
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

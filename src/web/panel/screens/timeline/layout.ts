import { nameInWords } from "../../words/features.ts";
import { percent } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import type { Activity, Lane, TimelineData } from "./data.ts";

export type RowKind = "curve" | "labels" | "changes" | "states" | "activity";

/** A strip of the picture, px. */
export interface Row {
  readonly key: string;
  readonly kind: RowKind;
  readonly title: string;
  readonly top: number;
  readonly height: number;
  readonly lane: Lane | null;
  readonly activity: Activity["lanes"][number] | null;
}

export interface Layout {
  readonly rows: readonly Row[];
  readonly height: number;
  /** Where names stand; 0 = they stand in the picture, above their strip. */
  readonly gutter: number;
}

export const AXIS_HEIGHT = 28;
/** A name above its strip. */
export const NAME_HEIGHT = 18;
const GUTTER = 168;
const NARROW = 640;
const HEIGHTS = { curve: 160, labels: 40, changes: 34, states: 30, activity: 30 } as const;

/** What stands below what: the curve, labels, changes, then the lanes. */
export function layoutOf(width: number, target: string, data: TimelineData, lanes: readonly Lane[]): Layout {
  const gutter = width < NARROW ? 0 : GUTTER;
  const rows: Row[] = [];
  let top = 0;
  const add = (row: Omit<Row, "top" | "height">): void => {
    const height = HEIGHTS[row.kind] + (gutter === 0 ? NAME_HEIGHT : 0);
    rows.push({ ...row, top, height });
    top += height;
  };
  const plain = { lane: null, activity: null };
  const say = words.timeline.lanes;
  add({ key: "curve", kind: "curve", title: nameInWords(target), ...plain });
  add({ key: "labels", kind: "labels", title: say.labels, ...plain });
  if (data.changes.length > 0) add({ key: "changes", kind: "changes", title: say.changes, ...plain });
  for (const activity of data.activity?.lanes ?? []) {
    const title = activity.subject === "home" ? say.home : nameInWords(activity.subject);
    add({ key: `activity ${activity.subject}`, kind: "activity", title, lane: null, activity });
  }
  if (data.activity === null) {
    for (const lane of lanes) {
      const name = lane.name ?? nameInWords(lane.entityId);
      add({ key: lane.entityId, kind: "states", title: name, lane, activity: null });
    }
  }
  return { rows, height: top + AXIS_HEIGHT, gutter };
}

/** Where the strip itself begins, below its name where that stands above. */
export function bodyOf(row: Row, gutter: number): { readonly top: number; readonly height: number } {
  const above = gutter === 0 ? NAME_HEIGHT : 0;
  return { top: row.top + above, height: row.height - above };
}

/** The highest probability that is drawn, in words. */
export function peakOf({ curve }: TimelineData): string {
  const most = curve.columns.flatMap((column) => (column.most === null ? [] : [column.most]));
  return percent(most.length === 0 ? null : Math.max(...most));
}

/**
 * The windows of one computation and the cells they are summed from. Cell c is one grid step long; window w ends where cell `back + w`
 * ends. A sum over a horizon adds whole cells, oldest first, so that the same window has the same bits in whatever range it is computed.
 */
export interface Frame {
  readonly fromNo: number;
  /** Number of windows. */
  readonly windows: number;
  /** Number of cells before the first window's own. */
  readonly back: number;
  readonly cells: number;
  readonly gridUs: number;
  /** Start of cell 0. */
  readonly baseUs: number;
}

export function createFrame(fromNo: number, toNo: number, gridMs: number, backMs: number): Frame {
  const windows = Math.max(0, toNo - fromNo + 1);
  const back = Math.max(0, Math.ceil(backMs / gridMs) - 1);
  const gridUs = gridMs * 1000;
  return { fromNo, windows, back, cells: back + windows, gridUs, baseUs: (fromNo - 1 - back) * gridUs };
}

/** End of window w, microseconds. */
export function endUsOf(frame: Frame, w: number): number {
  return (frame.fromNo + w) * frame.gridUs;
}

import { contractColumns } from "../core/contracts/contract.ts";
import type { ContractName } from "../core/contracts/rows.ts";
import type { ExportFormat, ExportPlan } from "./export.ts";

export interface ExportRequest {
  readonly view: ContractName;
  readonly format: ExportFormat;
  /** Of the view's first column of instants. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** The column by which the rows of a view are asked for; undefined where its rows are of no instants. The health is of now, whatever instants it tells. */
export function instantColumn(view: ContractName): string | undefined {
  if (view === "vw_health") return undefined;
  return contractColumns(view).find((column) => column.endsWith("_utc"));
}

/** All that is needed to export, so that the thread that does it loads no schemas. @throws RangeError when the view has no instants to ask by. */
export function planExport(request: ExportRequest): ExportPlan {
  const { view, fromMs, toMs } = request;
  const instant = instantColumn(view);
  if (instant === undefined && (fromMs !== undefined || toMs !== undefined)) {
    throw new RangeError(`The rows of ${view} are of no instant, so a range means nothing for it. Leave it out.`);
  }
  return { ...request, columns: contractColumns(view), instant };
}

import type { Db } from "./db.ts";
import type { LogFigures, LogKeeper } from "./log-keeper.ts";
import { getHealth, metadataInstantMs } from "./tables/metadata.ts";

/** What the minutely look at the file wants to know of it. */
export interface FileFigures extends LogFigures {
  readonly unusedBytes: number;
  /** 0 while it is not known. */
  readonly sizeForecast: number;
  readonly lastBackupMs: number | null;
}

export function readFileFigures(db: Db, keeper: LogKeeper): FileFigures {
  return {
    ...keeper.figures(),
    unusedBytes: Number(db.pragma("freelist_count")) * Number(db.pragma("page_size")),
    sizeForecast: Number(getHealth(db)["size_forecast"] ?? 0),
    lastBackupMs: metadataInstantMs(db, "last_backup_at"),
  };
}

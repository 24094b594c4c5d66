import { type BackupRequest, makeBackup } from "../../store/backup.ts";
import { newestUsable } from "../../store/backup-files.ts";
import { checkFile } from "../../store/damage.ts";
import { planRestore, restore } from "../../store/restore.ts";
import type { RestoreRequest } from "../../store/restore-intent.ts";

/** Works on a whole file. Each reads or writes every page of it, so each runs in a thread of its own. */
export const FILE_WORKS = {
  backUp: (input: BackupRequest, _onShare: (share: number) => void) => makeBackup(input),
  restore: (input: RestoreRequest, onShare: (share: number) => void) => restore(input, onShare),
  planRestore: (input: RestoreRequest, _onShare: (share: number) => void) => planRestore(input),
  newestUsable: (input: { readonly folder: string; readonly dbPath: string }, _onShare: (share: number) => void) =>
    newestUsable(input.folder, input.dbPath),
  check: (input: { readonly dbPath: string }, _onShare: (share: number) => void) => checkFile(input.dbPath),
} as const;

export type FileWorks = typeof FILE_WORKS;
export type FileWorkName = keyof FileWorks;
export type FileWorkInput<N extends FileWorkName> = Parameters<FileWorks[N]>[0];
export type FileWorkResult<N extends FileWorkName> = Awaited<ReturnType<FileWorks[N]>>;

import { readFileSync } from "node:fs";
import { CsvFault, type CsvLabels, readLabelCsv } from "../core/labels/csv.ts";
import type { Zone } from "../core/time.ts";
import { WrongUsage } from "../exit.ts";

/** Reads a CSV of labels in whatever encoding a spreadsheet writes. @throws WrongUsage when there is no file, or it is no such CSV. */
export function readLabelFile(path: string, home: Zone, targetName: string): CsvLabels {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new WrongUsage(unreadable(path, cause));
  }
  try {
    return readLabelCsv(decode(bytes), home, targetName);
  } catch (error) {
    if (error instanceof CsvFault) throw new WrongUsage(`${path}: ${error.message}`);
    throw error;
  }
}

function unreadable(path: string, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return `There is no file ${path}. Name the CSV file to import.`;
  if (code === "EISDIR") return `${path} is a folder. Name the CSV file to import.`;
  if (code === "EACCES" || code === "EPERM") return `${path} may not be read by this user. Give this user the right to read it.`;
  return `${path} cannot be read: ${message}.`;
}

/** By its byte order mark: UTF-16 as spreadsheets call "Unicode text", else UTF-8. */
function decode(bytes: Buffer): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}

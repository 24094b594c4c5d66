import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE_FOLDER = new URL("./page/", import.meta.url);
const CONTENT_TYPES = new Map([
  [".html", "text/html; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

export interface PageFile {
  readonly name: string;
  readonly contentType: string;
  readonly body: string;
}

/** The files of the page, read once: a few kilobytes that a request then takes from memory. */
export function readPageFiles(): PageFile[] {
  return readdirSync(fileURLToPath(PAGE_FOLDER)).flatMap((name) => {
    const contentType = CONTENT_TYPES.get(extname(name));
    return contentType === undefined ? [] : [{ name, contentType, body: readFileSync(new URL(name, PAGE_FOLDER), "utf8") }];
  });
}

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Draw } from "./first-picture.ts";
import type { PageHashes } from "./security-headers.ts";

/** Where panel/build.js puts what it makes. */
const BUILT = fileURLToPath(new URL("../../dist/panel/", import.meta.url));
const CONTENT_TYPES = new Map([
  [".css", "text/css; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".svg", "image/svg+xml"],
]);

/** Without these files there is only this to say; numbers are answered all the same. */
const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>ML Data Layer</title></head>
<body><h1>The panel was not built</h1>
<p>Its files are made by npm ci. Run <code>npm ci</code> without --omit=dev in the app's folder, or <code>npm run panel</code>, and start the app again.</p>
<p>Everything else works: <a href="api/v1/health">api/v1/health</a> says how the app is.</p></body></html>
`;

export interface PanelFile {
  /** Relative to the page. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

export interface PanelFiles {
  readonly page: string;
  /** For the page's policy: the one script and the one style that stand in it. */
  readonly hashes: PageHashes;
  /** Each is named by its content, so it never changes. */
  readonly assets: readonly PanelFile[];
}

/** @throws where the panel was not built. */
export async function loadDrawing(folder = BUILT): Promise<Draw> {
  const { drawPicture } = (await import(pathToFileURL(join(folder, "picture/picture.js")).href)) as { readonly drawPicture: Draw };
  return drawPicture;
}

/** The panel's files, read once: some hundred kilobytes that a request then takes from memory. */
export function readPanelFiles(folder = BUILT): PanelFiles {
  if (!existsSync(join(folder, "index.html"))) return { page: NOT_BUILT, hashes: { script: null, style: null }, assets: [] };
  const page = readFileSync(join(folder, "index.html"), "utf8");
  const assets = readdirSync(join(folder, "assets")).flatMap((name): PanelFile[] => {
    const contentType = CONTENT_TYPES.get(extname(name));
    return contentType === undefined
      ? []
      : [{ path: `assets/${name}`, contentType, body: readFileSync(join(folder, "assets", name), "utf8") }];
  });
  return { page, hashes: { script: hashOf("script", page), style: hashOf("style", page) }, assets };
}

function hashOf(element: "script" | "style", page: string): string | null {
  const text = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)?.[1];
  return text === undefined ? null : `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

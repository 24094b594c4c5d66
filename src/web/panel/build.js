import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildOnce } from "../../build/once.js";

/** Builds the panel's files (see build.js). */
const SOURCES = import.meta.dirname;
const PROJECT = resolve(SOURCES, "../../..");

/** Vite's settings; the head's script is built by itself and stands in the page, whose policy names its hash. */
function settings(outDir) {
  const head = {
    name: "head-script",
    transformIndexHtml: {
      order: "post",
      handler: async (html, { bundle }) => ({
        // The head runs it, when it is its turn.
        html: html.replace(
          /<script type="module" crossorigin src="([^"]+)"><\/script>/,
          '<link rel="modulepreload" crossorigin href="$1" data-main>',
        ),
        tags: [
          { tag: "meta", injectTo: "head-prepend", attrs: { name: "parts", content: JSON.stringify(partsOf(bundle)) } },
          { tag: "script", injectTo: "head-prepend", children: await buildHead() },
        ],
      }),
    },
  };
  return {
    ...SHARED,
    base: "./",
    plugins: [head],
    build: {
      outDir,
      emptyOutDir: true,
      target: TARGET,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: asOne() }] } } },
    },
  };
}

const TARGET = "es2022";
const SHARED = {
  root: SOURCES,
  configFile: false,
  envFile: false,
  logLevel: "error",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
};

/** What draws the first picture for the server: one file, and none of the page's. */
function pictureSettings(outDir) {
  // What is loaded later, as other screens are, is never loaded there.
  const alone = { name: "alone", resolveDynamicImport: (path) => ({ id: String(path), external: true }) };
  return {
    ...SHARED,
    plugins: [alone],
    ssr: { noExternal: true },
    build: { outDir, emptyOutDir: true, target: "node22", ssr: join(SOURCES, "picture.tsx"), minify: true, reportCompressedSize: false },
  };
}

/** All that is needed before the first picture in one file: a browser asks six things at once, and what it waits for must not queue. */
function asOne() {
  let first = null;
  return (id, modules) => {
    first ??= reachedFrom(join(SOURCES, "main.tsx"), modules);
    return first.has(id) ? "first" : null;
  };
}

function reachedFrom(entry, modules) {
  const reached = new Set();
  const waiting = [entry];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    waiting.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return reached;
}

/** Which files the languages and the screens are in, for the head to begin with. */
function partsOf(bundle) {
  const parts = { words: {}, screens: {} };
  for (const chunk of Object.values(bundle)) {
    const [, kind, name] = /\/panel\/(words|screens)\/(en|de|[\w-]+(?=\/screen\.tsx))/.exec(chunk.facadeModuleId ?? "") ?? [];
    if (kind === undefined || !chunk.isDynamicEntry) continue;
    const styles = [chunk.fileName, ...chunk.imports].flatMap((file) => [...(bundle[file]?.viteMetadata?.importedCss ?? [])]);
    parts[kind][name] = [chunk.fileName, ...chunk.imports, ...styles].map((file) => `./${file}`);
  }
  return parts;
}

async function buildHead() {
  const { build } = await import("vite");
  const built = await build({
    ...SHARED,
    build: {
      write: false,
      target: TARGET,
      modulePreload: false,
      rolldownOptions: { input: join(SOURCES, "head/head.ts"), output: { format: "iife" } },
    },
  });
  return [built].flat()[0].output[0].code.trim();
}

export async function buildPanel() {
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => /\.(?:tsx?|js|css|html|svg)$/.test(name));
  return buildOnce({
    place: join(PROJECT, "dist/panel"),
    project: PROJECT,
    sources: names.map((name) => join(SOURCES, name)),
    build: async (vite, folder) => {
      await vite.build(settings(folder));
      await vite.build(pictureSettings(join(folder, "picture")));
    },
  });
}

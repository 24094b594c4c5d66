import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Sources } from "./stripper.ts";
import { unresolvedImport } from "./unresolved-import.ts";

const KIT = new URL("../../../kit/index.ts", import.meta.url).href;
const TESTING = new URL("../simulated/testing.ts", import.meta.url).href;
const ZOD = import.meta.resolve("zod");
const OURS = new URL("../../../", import.meta.url).href;

/**
 * Lets app files anywhere import `ml-data-layer`, `ml-data-layer/testing` and, where they bring none themselves, `zod`. Returns the list of
 * files that were loaded from outside of the program, which grows.
 * @param sources files whose types have been taken out already
 */
export function resolveForApps(sources: Sources = {}): readonly string[] {
  const files: string[] = [];
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "ml-data-layer") return { url: KIT, shortCircuit: true };
      if (specifier === "ml-data-layer/testing") return { url: TESTING, shortCircuit: true };
      const find = () => inWords(specifier, context.parentURL, () => next(specifier, context));
      const resolved = specifier === "zod" ? ownOrOurs(find) : find();
      if (isOfApps(resolved.url)) {
        const file = fileURLToPath(resolved.url);
        if (!files.includes(file)) files.push(file);
      }
      return resolved;
    },
    load(url, context, next) {
      const source = url.startsWith("file:") ? sources[fileURLToPath(url)] : undefined;
      return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
    },
  });
  return files;
}

function isOfApps(url: string): boolean {
  return url.startsWith("file:") && !url.startsWith(OURS) && !url.includes("/node_modules/");
}

function inWords<T>(specifier: string, importer: string | undefined, find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (importer === undefined || !isOfApps(importer) || !(error instanceof Error)) throw error;
    throw unresolvedImport(specifier, importer, error);
  }
}

function ownOrOurs<T>(own: () => T): T | { readonly url: string; readonly shortCircuit: true } {
  try {
    return own();
  } catch {
    return { url: ZOD, shortCircuit: true };
  }
}

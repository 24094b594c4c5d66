import { basename } from "node:path";
import { pathToFileURL } from "node:url";
// By the very name that apps load: so it is compiled with the program, and not by each thread for itself (8 MB).
import { App } from "../../../kit/index.ts";
import type { AppContext } from "../../../kit/link.ts";
import { APPS_FILE, type ArgLines } from "../folder/apps-yaml.ts";

export type AppClass = (new (context: AppContext) => App<unknown>) & { readonly args?: unknown };

/** The class of an app's file. @throws what the file itself throws, or Error that says which classes there are */
export async function loadAppClass(file: string, className: string | null): Promise<AppClass> {
  const loaded = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const classes = Object.entries(loaded).filter(([, value]) => isAppClass(value));
  const names = classes.map(([name, value]) => (name === "default" ? `${(value as AppClass).name} (default)` : name));
  const there = names.length === 0 ? "It exports no class that extends App." : `It exports ${names.join(", ")}.`;
  if (className !== null) {
    const found = classes.find(([name, value]) => name === className || (value as AppClass).name === className);
    if (found === undefined) throw new Error(`${basename(file)} has no class ${className} that extends App. ${there}`);
    return found[1] as AppClass;
  }
  const chosen = classes.length === 1 ? classes[0] : classes.find(([name]) => name === "default");
  if (chosen === undefined) {
    throw new Error(
      classes.length === 0
        ? `${basename(file)} has no app: export a class that extends App from "ml-data-layer".`
        : `${basename(file)} exports several apps; say in apps.yaml which is meant (class: …). ${there}`,
    );
  }
  return chosen[1] as AppClass;
}

function isAppClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof App;
}

interface Schema {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: unknown }
    | {
        readonly success: false;
        readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
      };
}

/**
 * What an app is given, checked by its own schema.
 * @param lines where they stand in apps.yaml, if they come from there
 * @throws Error that names each wrong argument
 */
export function checkArgs(appClass: AppClass, args: unknown, lines?: ArgLines): unknown {
  const schema = appClass.args;
  if (schema === undefined) return args;
  if (!isSchema(schema)) throw new Error(`static args of ${appClass.name} is no zod schema like z.object({ … }).`);
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const words = parsed.error.issues.map(({ path, message }) => {
    const where = lines === undefined ? "" : `${APPS_FILE}, line ${lines.of[String(path[0])] ?? lines.entry}: `;
    return `${where}${path.length === 0 ? "" : `${path.join(".")}: `}${message}`;
  });
  throw new Error(`wrong arguments: ${words.join("; ")}`);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && "safeParse" in value && typeof value.safeParse === "function";
}

import { basename } from "node:path";
import { pathToFileURL } from "node:url";
// By the very name that apps load: so it is compiled with the program, and not by each thread for itself (8 MB).
import { App } from "../../../kit/index.ts";
import type { AppContext } from "../../../kit/link.ts";

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

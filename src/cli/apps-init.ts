import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { appsFolderFrom } from "../config/config.ts";
import { reasonOf } from "../core/reason.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { APPS_YAML, INDEX_TYPES, MOTION_TEST, NODE_TYPES, PACKAGE, TESTING_TYPES, TSCONFIG } from "./apps-init-files.ts";
import type { Environment } from "./command.ts";

const KIT = new URL("../kit/", import.meta.url);
const EXAMPLES = new URL("../../examples/apps/", import.meta.url);

/** Writes what is not there yet, and the types anew: nothing of the user's is ever overwritten. */
export function initApps(folderWord: string | undefined, environment: Environment): number {
  const folder = folderWord === undefined ? appsFolderFrom(environment) : resolve(folderWord);
  makeFolder(folder);
  const examples = ["motion-light.ts", "sleep-lights.ts", "habit-news.ts"];
  const files: [string, string][] = [
    ["apps.yaml", APPS_YAML],
    ...(hasJavaScript(folder) ? [] : [["package.json", PACKAGE] as [string, string]]),
    ["tsconfig.json", TSCONFIG],
    ["motion-light.test.ts", MOTION_TEST],
    ...examples.map((name): [string, string] => [name, readFileSync(new URL(name, EXAMPLES), "utf8")]),
  ];
  for (const [name, text] of files) {
    const isThere = existsSync(join(folder, name));
    if (!isThere) writeFileSync(join(folder, name), text);
    process.stdout.write(`${join(folder, name)}\t${isThere ? "was there, left as it is" : "written"}\n`);
  }
  const types = join(folder, ".types");
  mkdirSync(types, { recursive: true });
  for (const name of ["contract.ts", "testing-contract.ts"]) writeFileSync(join(types, name), readFileSync(new URL(name, KIT)));
  writeFileSync(join(types, "index.d.ts"), INDEX_TYPES);
  writeFileSync(join(types, "testing.d.ts"), TESTING_TYPES);
  writeFileSync(join(types, "node.d.ts"), NODE_TYPES);
  copyZodTypes(join(types, "zod"));
  process.stdout.write(`${types}\ttypes for your editor, of this version\n`);
  process.stderr.write(`Next: correct ${join(folder, "apps.yaml")}; the running app starts what it names by itself.\n`);
  return EXIT.success;
}

/** Apps of the user's in JavaScript may be CommonJS, which package.json would make them cease to be. */
function hasJavaScript(folder: string): boolean {
  return readdirSync(folder).some((name) => name.endsWith(".js"));
}

function copyZodTypes(to: string): void {
  const zod = dirname(fileURLToPath(import.meta.resolve("zod")));
  cpSync(zod, to, {
    recursive: true,
    filter: (source) =>
      statSync(source).isDirectory()
        ? !["src", "v3"].includes(basename(source))
        : source.endsWith(".d.ts") || basename(source) === "package.json",
  });
}

/** The parent must be there: whoever mistypes a path learns it. @throws WrongUsage */
function makeFolder(folder: string): void {
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    if (statSync(folder).isDirectory()) return;
  } catch (cause) {
    throw new WrongUsage(`The folder ${folder} cannot be made (${reasonOf(cause)}). Name another one.`);
  }
  throw new WrongUsage(`${folder} is a file. Name a folder for the apps.`);
}

import { expect, test } from "vitest";
import { appsFolder, until } from "./folder.ts";

const app = (head: string, body = ""): string =>
  `import { App } from "ml-data-layer";\n${head}\nexport default class Thing extends App {\n  override async initialize() {\n${body}\n  }\n}\n`;

// Broken once: without inWords (resolve.ts) Node's own words come, without a line.
test("an import that leads nowhere is told with its line, and with what to do", async () => {
  const files: Readonly<Record<string, readonly [text: string, words: RegExp]>> = {
    several: [
      app('// see "./nope.ts"\nimport {\n  a,\n  b,\n} from "./nope.ts";\na(b);'),
      /^there is no file \.\/nope\.ts \(write it, or correct the name\) at several\.ts:6: \} from "\.\/nope\.ts";$/,
    ],
    ending: [
      app("import { room } from '../rooms/rooms';\nroom();"),
      /^there is no file \.\.\/rooms\/rooms \(an import names the ending, too: \.\.\/rooms\/rooms\.ts\) at ending\.ts:2: import/,
    ],
    written: [
      app('import { room } from "../rooms/rooms.js";\nroom();'),
      /^there is no file \.\.\/rooms\/rooms\.js \(it is \.\.\/rooms\/rooms\.ts: .*\) at written\.ts:2: import/,
    ],
    folder: [app('export * from "../rooms";'), /^\.\.\/rooms is a folder \(an import names a file\) at folder\.ts:2: export \* from/],
    package: [
      app('import { x } from "@some/package/deep";\nx();'),
      /^the package @some\/package is not installed \(npm install @some\/package in the apps folder does that\) at package\.ts:2: import/,
    ],
    bare: [
      app('import { x } from "folder.ts";\nx();'),
      /^there is no package folder\.ts \(the file is \.\/folder\.ts\) at bare\.ts:2: import/,
    ],
    later: [app("", '    await import("./later-still.ts");'), /^there is no file \.\/later-still\.ts .* at later\.ts:5: await import\(/],
    through: [
      app('import { room } from "../rooms/door.ts";\nroom();'),
      /^there is no file \.\/key\.ts .* at door\.ts:3: export \{ room \} from "\.\/key\.ts";$/,
    ],
    inside: [app('import { x } from "broken/deep";\nx();'), /^Package subpath '\.\/deep' is not defined .* at inside\.ts:2: import/],
  };
  const names = Object.keys(files);
  const home = appsFolder({
    "rooms/rooms.ts": "export const room = () => 1;\n",
    "rooms/door.ts": '// a door\n\nexport { room } from "./key.ts";\n',
    "node_modules/broken/package.json": '{ "name": "broken", "exports": { ".": "./index.js" } }',
    ...Object.fromEntries(names.map((name) => [`apps/${name}.ts`, files[name]![0]])),
    "apps.yaml": names.map((name) => `${name}: { file: apps/${name}.ts }`).join("\n"),
  });
  await home.apps.start();
  await until(
    () => new Set(home.failed.map((each) => each.app)),
    (failed) => failed.size === names.length,
  );
  for (const name of names) {
    expect(home.failed.find((each) => each.app === name)?.words.replace("it could not be started: ", "")).toMatch(files[name]![1]);
  }
});

test("an app that lives without what it may import finds the code that Node gives", async () => {
  const home = appsFolder({
    "either.ts": app("", '    await import("maybe-there").catch((error) => this.log("without: " + error.code));'),
    "apps.yaml": "either: { file: either.ts }\n",
  });
  await home.apps.start();
  expect(home.said("either")).toEqual(["without: ERR_MODULE_NOT_FOUND"]);
});

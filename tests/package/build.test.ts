import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../..");
const BUILDERS = ["build.js", "build/once.js", "build/program.js", "web/panel/build.js"];
const PROGRAM = `// A comment that nobody needs.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Worker } from "node:worker_threads";
const beside: string = readFileSync(new URL("./cli.ts", import.meta.url), "utf8");
new Worker(new URL("./counting-thread.ts", import.meta.url)).once("message", (words) => {
  console.log(words, beside.trim(), resolve(import.meta.dirname), /^[–\u{1F300}-\u{1F5FF}]$/u.test("–"), "≤ 4 °C 🏠");
});
`;
let root: string;
const panel = (name: string): string => join(root, "src/web/panel", name);
const built = (name: string): string => join(root, "dist/panel", name);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ml-data-layer-built-"));
  mkdirSync(panel("head"), { recursive: true });
  mkdirSync(join(root, "src/build"));
  for (const name of BUILDERS) copyFileSync(join(PROJECT, "src", name), join(root, "src", name));
  for (const name of ["package.json", "package-lock.json"]) writeFileSync(join(root, name), '{"type":"module"}');
  writeFileSync(join(root, "src/cli.ts"), "console.log(`commands`);\n");
  writeFileSync(join(root, "src/main.ts"), PROGRAM);
  writeFileSync(
    join(root, "src/counting-thread.ts"),
    "import { parentPort } from 'node:worker_threads';\nparentPort!.postMessage(import.meta.filename.split('/').at(-1));\n",
  );
  writeFileSync(
    panel("index.html"),
    '<!doctype html><html><head><script type="module" src="./main.ts"></script></head><body></body></html>',
  );
  writeFileSync(panel("head/head.ts"), "document.title = `the head`;\nexport {};\n");
  writeFileSync(panel("picture.tsx"), "export const drawPicture = (): string => `a picture`;\n");
  writeFileSync(panel("main.ts"), "const words: string = `first words`;\ndocument.body.append(words);\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const withVite = (): void => symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));

/** Nobody: a user to whom nothing here belongs. */
const ANOTHER = { uid: 65_534, gid: 65_534 };

async function build(event = "prepare", as = {}): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [join(root, "src/build.js")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, npm_lifecycle_event: event },
    ...as,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((done) => child.once("close", (code) => done({ code, stderr })));
}
const scripts = (): string =>
  readdirSync(built("assets"))
    .map((name) => readFileSync(built(`assets/${name}`), "utf8"))
    .join();

test("it is built where sources differ from those built last, and only there", async () => {
  withVite();
  expect(await build()).toEqual({ code: 0, stderr: "" });
  expect(scripts()).toContain("first words");
  expect(readFileSync(built("index.html"), "utf8")).toMatch(/<head>\s*<meta name="parts"[^>]*>\s*<script>[^<]*the head/);
  const { ino } = statSync(built("index.html"));
  await build();
  expect(statSync(built("index.html")).ino).toBe(ino);
  writeFileSync(panel("main.ts"), "document.body.append(`other words`);\n");
  await build();
  expect(scripts()).toContain("other words");
});

// Broken once: root built it in the image, nobody else could look into the folder, and the page said that there was no panel.
test("whoever builds it, every user reads it", async () => {
  withVite();
  await build();
  const folders = ["", "assets", "picture"].map((name) => statSync(built(name)).mode & 0o055);
  const files = [built("index.html"), built("picture/picture.js")].map((file) => statSync(file).mode & 0o044);
  expect([folders, files]).toEqual([
    [0o055, 0o055, 0o055],
    [0o044, 0o044],
  ]);
});

// Broken once each: without the rule for a file beside it, and without the one for threads, the built program found neither.
test("the built program does what its sources do: a thread, a file beside it, characters of every width", async () => {
  withVite();
  await build();
  const main = join(root, "dist/program/main.js");
  const { stdout } = spawnSync(process.execPath, [main], { encoding: "utf8" });
  expect(stdout.trim()).toBe(`counting-thread.js console.log(\`commands\`); ${realpathSync(join(root, "src"))} true ≤ 4 °C 🏠`);
  const text = readFileSync(main, "utf8");
  expect([text.includes("nobody needs"), /[\u0100-\uffff]/.test(text)]).toEqual([false, false]);
});

// Broken once: an import of node:http in the sources had every start load Node's fetch.
test("the program loads none of what costs memory and is not used: Node's fetch, HTTP/2, its compiler for TypeScript", () => {
  const told = "data:text/javascript,process.on('exit', () => console.log(process.moduleLoadList.join()))";
  const { stdout } = spawnSync(process.execPath, ["--import", told, join(PROJECT, "dist/program/main.js"), "--help"], { encoding: "utf8" });
  expect(stdout).toContain("NativeModule http,");
  expect(stdout.split(",").filter((name) => /undici|http2|amaro/.test(name))).toEqual([]);
});

test("two that build at the same time leave a whole one, and nothing beside it", async () => {
  withVite();
  expect(await Promise.all([build(), build()])).toEqual([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  expect(scripts()).toContain("first words");
  expect(readdirSync(join(root, "dist"))).toEqual(["panel", "program"]);
});

test("sources that cannot be built fail, and what was built before stays", async () => {
  withVite();
  await build();
  writeFileSync(panel("main.ts"), "import './not-there.ts';\n");
  expect((await build()).code).toBe(1);
  expect(scripts()).toContain("first words");
  expect(readdirSync(join(root, "dist"))).toEqual(["panel", "program"]);
});

// Broken once: with the import of Vite outside of the try, an install without development packages failed.
test("an install without Vite does not fail, and says what is missing", async () => {
  const { code, stderr } = await build();
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(/The program was not built: Vite is not installed\. Run npm ci without --omit=dev.*\nThe panel was not/),
  ]);
  expect(existsSync(join(root, "dist"))).toBe(false);
  // A start has nothing to start then, and this is the last word; with what was built before it starts.
  expect((await build("prestart")).code).toBe(1);
  withVite();
  await build();
  rmSync(join(root, "node_modules"));
  writeFileSync(join(root, "src/cli.ts"), "console.log(`newer`);\n");
  expect(await build("prestart")).toEqual({ code: 0, stderr: expect.stringContaining("It runs as it was built before.") });
});

// Broken once: every start and command ended with Node's own trace.
test.skipIf(process.getuid?.() !== 0)(
  "a place that this user may not write is said to be one, and what was built before runs",
  async () => {
    withVite();
    for (const folder of ["", "src", "src/build", "src/web", "src/web/panel", "src/web/panel/head"]) chmodSync(join(root, folder), 0o755);
    expect(await build("prestart", ANOTHER)).toEqual({
      code: 1,
      stderr: expect.stringContaining("The program was not built: its place cannot be written"),
    });
    await build();
    writeFileSync(join(root, "src/cli.ts"), "console.log(`newer`);\n");
    const { code, stderr } = await build("prestart", ANOTHER);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/cannot be written .* It runs as it was built before\.\n$/)]);
  },
);

// Broken once: `tsconfig.json`, which the panel's own extends, was neither copied there nor let through by .dockerignore, so no image could be built.
test("what the Dockerfile's build stage copies is enough to build it, and reaches the stage at all", async () => {
  const [, stage] = /^FROM \S+ AS built$(.*?)^FROM /ms.exec(readFileSync(join(PROJECT, "Dockerfile"), "utf8"))!;
  const copied = [...stage!.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, names]) => names!.split(" "));
  expect(copied).toContain("src");
  const letThrough = readFileSync(join(PROJECT, ".dockerignore"), "utf8").split("\n");
  for (const name of copied) expect(letThrough).toContain(`!${name}`);
  rmSync(root, { recursive: true });
  for (const name of copied) cpSync(join(PROJECT, name), join(root, name), { recursive: true });
  withVite();
  expect(await build()).toEqual({ code: 0, stderr: "" });
  expect(existsSync(built("index.html"))).toBe(true);
});

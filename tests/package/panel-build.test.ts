import { spawn } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const PROJECT = resolve(import.meta.dirname, "../..");
let root: string;
const panel = (name: string): string => join(root, "src/web/panel", name);
const built = (name: string): string => join(root, "dist/panel", name);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ml-data-layer-built-"));
  mkdirSync(panel("head"), { recursive: true });
  copyFileSync(join(PROJECT, "src/web/panel/build.js"), panel("build.js"));
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
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

async function build(): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [panel("build.js")], { stdio: ["ignore", "ignore", "pipe"] });
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

test("two that build at the same time leave a whole one, and nothing beside it", async () => {
  withVite();
  expect(await Promise.all([build(), build()])).toEqual([
    { code: 0, stderr: "" },
    { code: 0, stderr: "" },
  ]);
  expect(scripts()).toContain("first words");
  expect(readdirSync(join(root, "dist"))).toEqual(["panel"]);
});

test("sources that cannot be built fail, and what was built before stays", async () => {
  withVite();
  await build();
  writeFileSync(panel("main.ts"), "import './not-there.ts';\n");
  expect((await build()).code).toBe(1);
  expect(scripts()).toContain("first words");
  expect(readdirSync(join(root, "dist"))).toEqual(["panel"]);
});

// Broken once: with the import of Vite outside of the try, an install without development packages failed.
test("an install without Vite does not fail, and says what is missing", async () => {
  const { code, stderr } = await build();
  expect([code, stderr]).toEqual([0, expect.stringMatching(/Vite is not installed\. Run npm ci without --omit=dev/)]);
  expect(existsSync(join(root, "dist"))).toBe(false);
});

// Broken once: `tsconfig.json`, which the panel's own extends, was neither copied there nor let through by .dockerignore, so no image could be built.
test("what the Dockerfile's panel stage copies is enough to build it, and reaches the stage at all", async () => {
  const [, stage] = /^FROM \S+ AS panel$(.*?)^FROM /ms.exec(readFileSync(join(PROJECT, "Dockerfile"), "utf8"))!;
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

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** Imports point down only. A folder may import itself and what stands here; edges never import each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  build: [],
  kit: [],
  store: ["core"],
  flow: ["core", "store"],
  hass: ["core"],
  mqtt: ["core"],
  demo: ["core"],
  web: ["core", "store"],
  runtime: ["core", "store", "flow", "kit", "config"],
  config: ["core", "store"],
  "exit.ts": ["store", "config"],
  "app.ts": ["core", "store", "flow", "hass", "mqtt", "web", "runtime", "kit", "config", "app"],
  app: ["core", "store", "flow", "hass", "mqtt", "web", "runtime", "kit", "config"],
  "home.ts": ["config", "core"],
  cli: ["core", "store", "flow", "hass", "runtime", "config", "exit.ts"],
  "cli.ts": ["cli", "exit.ts"],
  "compile.ts": [],
  "main.ts": ["core", "store", "runtime", "app", "app.ts", "config", "exit.ts", "home.ts"],
};

/** Packages that only one place may know. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  "better-sqlite3": ["store"],
  "home-assistant-js-websocket": ["hass"],
  ws: ["hass", "demo", "web"],
  mqtt: ["mqtt"],
  fastify: ["web"],
  "@fastify/rate-limit": ["web"],
  "prom-client": ["web"],
  preact: ["web"],
  "preact/hooks": ["web"],
  "@preact/signals": ["web"],
  "@mdi/js": ["web"],
  uplot: ["web"],
  "node-cron": ["runtime"],
  croner: ["runtime"],
  suncalc: ["runtime"],
  pino: ["runtime"],
  "ml-logistic-regression": ["core"],
};

const SOURCE = resolve(import.meta.dirname, "../src");
const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(SOURCE, name), "utf8") }));

const placeOf = (name: string): string => name.split("/")[0]!;

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/g)].map(
    (match) => (match[1] ?? match[2])!,
  );
}

test("imports point down only, and edges never import each other", () => {
  const wrong = files.flatMap(({ name, text }) =>
    importsOf(text)
      .filter((path) => path.startsWith("."))
      .map((path) => relative(SOURCE, resolve(SOURCE, dirname(name), path)))
      .filter(
        (target) => !target.startsWith("..") && placeOf(target) !== placeOf(name) && !MAY_IMPORT[placeOf(name)]?.includes(placeOf(target)),
      )
      .map((target) => `${name} imports ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("no file imports itself by way of others, not even for a type", () => {
  const targets = new Map(
    files.map(({ name, text }) => [
      name,
      importsOf(text)
        .filter((path) => path.startsWith("."))
        .map((path) => relative(SOURCE, resolve(SOURCE, dirname(name), path))),
    ]),
  );
  const clean = new Set<string>();
  const circleFrom = (name: string, way: readonly string[]): readonly string[] | null => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (clean.has(name)) return null;
    for (const target of targets.get(name) ?? []) {
      const circle = circleFrom(target, [...way, name]);
      if (circle !== null) return circle;
    }
    clean.add(name);
    return null;
  };
  // Broken once: with `PairLabel` in pair.ts it names days.ts, pair.ts and rest-of-day.ts.
  expect(files.flatMap(({ name }) => circleFrom(name, []) ?? [])).toEqual([]);
});

test("each place of the source has a rule", () => {
  expect([...new Set(files.map((file) => placeOf(file.name)))].filter((place) => !(place in MAY_IMPORT))).toEqual([]);
});

test("packages stay where they belong", () => {
  const wrong = files.flatMap(({ name, text }) =>
    importsOf(text)
      .filter((path) => ONLY_IN[path] !== undefined && !ONLY_IN[path].includes(placeOf(name)))
      .map((path) => `${name} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test("the panel takes nothing but types from the server, and the server nothing from the panel", () => {
  const inPanel = (path: string): boolean => path.startsWith("web/panel/");
  const wrong = files.flatMap(({ name, text }) => {
    // What a browser runs must not reach into what the app runs, and the image holds none of the panel's packages.
    const code = inPanel(name) ? text.replaceAll(/^import type [^;]*;/gms, "") : text;
    return importsOf(code)
      .filter((path) => path.startsWith(".") && /\.tsx?$/.test(path))
      .map((path) => relative(SOURCE, resolve(SOURCE, dirname(name), path)))
      .filter((target) => inPanel(name) !== inPanel(target))
      .map((target) => `${name} imports ${target}`);
  });
  // Broken once: with `isoMs` of core/time.ts in times.ts it names that import.
  expect(wrong).toEqual([]);
  const packages = ["preact", "preact/hooks", "preact-render-to-string", "@preact/signals", "@mdi/js", "uplot"];
  const outside = files.filter(({ name, text }) => !inPanel(name) && importsOf(text).some((path) => packages.includes(path)));
  expect(outside.map(({ name }) => name)).toEqual([]);
});

test("the panel makes no markup of text", () => {
  const wrong = files.filter(
    ({ name, text }) => name.startsWith("web/panel/") && /dangerouslySetInnerHTML|\.(?:inner|outer)HTML\b|insertAdjacentHTML/.test(text),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test("core is pure: no node modules, no clock, no chance, no output", () => {
  const wrong = files
    .filter(({ name }) => placeOf(name) === "core")
    .flatMap(({ name, text }) => {
      const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      const found = [
        /from "node:[^"]*"/,
        /\bDate\.now\b/,
        /\bnew Date\(\)/,
        /\bperformance\./,
        /\bMath\.random\b/,
        /\bprocess\./,
        /\bconsole\./,
        /\bset(?:Timeout|Interval|Immediate)\b/,
        /\bTemporal\.Now\b/,
      ]
        .map((pattern) => code.match(pattern)?.[0])
        .filter((match) => match !== undefined);
      return found.map((match) => `${name} uses ${match}`);
    });
  expect(wrong).toEqual([]);
});

test("only the clock reads the time, and only the entries read the process's words and environment", () => {
  const clock = new Set(["runtime/clock.ts", "demo/clock.ts", "web/panel/around/device-clock.ts"]);
  const entries = /^(main|cli|compile)\.ts$|^demo\/main\.ts$|^cli\//;
  const wrong = files.flatMap(({ name, text }) => {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    const found: string[] = [];
    if (/\bDate\.now\(|\bnew Date\(\)|\bTemporal\.Now\b/.test(code) && !clock.has(name)) found.push(`${name} reads the time`);
    if (/\bprocess\.(env|argv)\b/.test(code) && !entries.test(name)) found.push(`${name} reads the environment`);
    return found;
  });
  expect(wrong).toEqual([]);
});

// Broken once: the panel awaited its words where its first file is loaded. German's file imports that one, so each waited for the other for ever.
test("no file of the panel waits where it is loaded", () => {
  const waiting = files.filter(
    ({ name, text }) => name.startsWith("web/panel/") && /^(?:(?:export )?(?:const|let) .*= )?await\b/m.test(text),
  );
  expect(waiting.map(({ name }) => name)).toEqual([]);
});

import { mkdirSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAppsFile, readAppsFile } from "../../../src/runtime/apps/folder/apps-file.ts";
import { inOrder, withDependants } from "../../../src/runtime/apps/folder/dependencies.ts";
import { temporaryFolder } from "../../helpers/database.ts";

function read(text: string, files: readonly string[] = ["a.ts", "b.js", "sub/c.ts"]) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "sub"));
  for (const file of files) writeFileSync(join(folder, file), "");
  const { entries, named, findings, isReadable } = parseAppsFile(text, folder);
  return { names: entries.map((entry) => entry.name), entries, named, findings, isReadable };
}

test("an entry has its file or module, its class, and all other keys as arguments", () => {
  const { entries, findings } = read(
    "one:\n  file: a.ts\n  class: One\n  light: light.x\n  list: [1, 2]\ntwo:\n  module: b\n  memory_mb: 32\n",
  );
  expect(findings).toEqual([]);
  expect(entries).toMatchObject([
    { name: "one", className: "One", memoryMb: 64, args: { light: "light.x", list: [1, 2] } },
    { name: "two", className: null, memoryMb: 32, args: {} },
  ]);
});

test("an app that is switched off, or left out for what it depends on, is named with its arguments and not started", () => {
  const { entries, named, findings } = read(
    "off: { file: a.ts, x: 1, enabled: false }\nb: { file: a.ts, y: 2, dependencies: off }\nc: { file: nothing.ts, enabled: false }\n",
  );
  expect(entries).toEqual([]);
  expect(named).toMatchObject([
    { name: "off", args: { x: 1 } },
    { name: "b", args: { y: 2 } },
  ]);
  expect(findings).toEqual([expect.stringMatching(/line 2: b depends on off/)]);
});

test.each([
  ["a: { file: a.ts }\nb: { file: b.js }\na: { file: b.js }\n", /line 3: a is the name of an app in line 1 already/, ["a", "b"]],
  ["a: { file: a.ts }\nb: { file: nothing.ts }\n", /line 2: b: nothing\.ts does not exist in/, ["a"]],
  // Broken once: with whatever is there taken for a file (is-file.ts) Node says "Directory import".
  ["a: { file: a.ts }\nb: { file: sub }\n", /^apps\.yaml, line 2: b: sub is a folder; name a file\.$/, ["a"]],
  ["a: { file: a.ts }\nb: { file: . }\n", /^apps\.yaml, line 2: b: \. is a folder; name a file\.$/, ["a"]],
  ["a: { file: a.ts }\nb: { class: B }\n", /line 2: b: says neither file nor module/, ["a"]],
  ["a: { file: a.ts }\nb: { file: a.ts, memory_mb: lots }\n", /line 2: b: memory_mb: must be a number \(it is "lots"\)\./, ["a"]],
  ["a: { file: a.ts }\nb: { file: a.ts, memory_mb: 8 }\n", /b: memory_mb: must be at least 16 \(it is 8\)\./, ["a"]],
  ["a: { file: a.ts }\nb: b.js\n", /b: an app is keys with values, like \{ file: b\.js \}; it is "b\.js"\./, ["a"]],
  ["a: { file: a.ts }\nb: [b.js]\n", /b: an app is keys with values, like \{ file: motion\.ts \}; it is \["b\.js"\]\./, ["a"]],
  ["a: { file: a.ts }\nb-c: { file: a.ts }\n", /line 2: b-c is no name for an app/, ["a"]],
  ["a: { file: a.ts }\nb:\n", /line 2: b: says neither file nor module/, ["a"]],
  [
    "x: { file: a.ts, dependencies: y }\ny: { file: a.ts, dependencies: [z] }\nz: { file: a.ts, dependencies: x }\na: { file: a.ts }\n",
    /line 1: x depends on y depends on z depends on x: a circle/,
    ["a"],
  ],
  [
    "a: { file: a.ts }\nb: { file: a.ts, dependencies: [nobody] }\nc: { file: a.ts, dependencies: b }\n",
    /line 2: b depends on nobody, which is no app/,
    ["a"],
  ],
  ["a: { file: a.ts }\nb: { file: a.ts, dependencies: b }\n", /line 2: b depends on b: a circle/, ["a"]],
] as const)("what is wrong is named with its line, and the others run: %s", (text, finding, names) => {
  const found = read(text);
  expect(found.names).toEqual(names);
  expect(found.findings.join("\n")).toMatch(finding);
});

// Broken once: with a toJSON that does not know the document (yaml-value.ts) an alias is an object { source }.
test("anchors, aliases and << give each app what they stand for, and a pattern in quotes is a pattern", () => {
  const { entries, findings } = read(
    [
      "base: &base",
      "  file: a.ts",
      "  light: &hall light.hall",
      '  motion: "*_motion"',
      "same: *base",
      "more:",
      "  <<: *base",
      "  minutes: 3",
      "  other: [*hall, light.b]",
    ].join("\n"),
  );
  expect(findings).toEqual([]);
  expect(entries.map(({ name, args }) => [name, args])).toEqual([
    ["base", { light: "light.hall", motion: "*_motion" }],
    ["same", { light: "light.hall", motion: "*_motion" }],
    ["more", { light: "light.hall", motion: "*_motion", minutes: 3, other: ["light.hall", "light.b"] }],
  ]);
  expect(entries[1]!.lines.of).toEqual({ file: 2, light: 3, motion: 4 });
});

test.each([
  ["file: a.ts\n  motion: *_motion", /^apps\.yaml, line 4: b: \*_motion stands for .* &_motion .* in quotes: "\*_motion"\.$/],
  ["file: a.ts\n  list:\n    - *one\n    - *two", /line 5: b: \*one .*\n.*line 6: b: \*two/],
  ["file: a.ts\n  token: !secret my_token", /^apps\.yaml, line 4: b: !secret is a tag that is not known here; .*\.$/],
  ["file: a.ts\n  light: light.a\n  light: light.b", /^apps\.yaml, line 5: b: light stands in line 4 already; one of them has to go\.$/],
  ["file: a.ts\n  deep: { one: 1, two: { x: 1, x: 2 } }", /line 4: b: x stands in line 4 already/],
  ["&all\n  file: a.ts\n  me: *all", /line [23]: b: holds itself by an alias/],
  ["file: a.ts\n  <<: 3", /line [23]: b: Merge sources must be maps/],
] as const)("what YAML understands otherwise than it is meant is named with its line, and costs its app alone: %j", (text, finding) => {
  // The app of the first line stands before the wrong one, that of the last behind it.
  const found = read(`a: { file: a.ts }\nb: ${text.startsWith("&") ? "" : "\n  "}${text}\nc: { file: a.ts }\n`);
  expect(found.names).toEqual(["a", "c"]);
  expect(found.findings.join("\n")).toMatch(finding);
});

test("a file that cannot be read at all says where, and leaves what runs alone", () => {
  for (const text of ["a: {\n", "a: b: c\n", "\t- x", "- a\n- b\n", "just words"]) {
    const found = read(text);
    expect(found).toMatchObject({ isReadable: false, names: [] });
    expect(found.findings).toHaveLength(1);
  }
  expect(read("# nothing yet\n")).toMatchObject({ isReadable: true, findings: [], names: [] });
});

test("a folder without the file has no apps, and one whose file cannot be read says why", () => {
  const folder = temporaryFolder();
  expect(readAppsFile(folder)).toMatchObject({ isReadable: true, findings: [], entries: [] });
  mkdirSync(join(folder, "apps.yaml"));
  expect(readAppsFile(folder)).toMatchObject({ isReadable: false, findings: [`apps.yaml in ${folder} cannot be read: it is a folder.`] });
  rmdirSync(join(folder, "apps.yaml"));
  symlinkSync("apps.yaml", join(folder, "apps.yaml"));
  expect(readAppsFile(folder)).toMatchObject({ isReadable: false, findings: [expect.stringMatching(/cannot be read: ELOOP/)] });
});

test("each app comes behind those that it depends on, and is left out only when it is in a circle or behind one", () => {
  const graph = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 3 }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(graph, (edges) => {
      const apps = edges.map((to, index) => ({ name: String(index), dependencies: to.map(String) }));
      const { entries, findings } = inOrder(apps);
      const place = new Map(entries.map((entry, index) => [entry.name, index]));
      for (const { name, dependencies } of entries) {
        for (const other of dependencies) expect(place.get(other)).toBeLessThan(place.get(name)!);
      }
      // Whoever reaches itself, or somebody who does, is left out; nobody else is.
      const reach = (from: string): Set<string> => {
        const seen = new Set<string>();
        const open = [...apps[Number(from)]!.dependencies];
        for (let next = open.pop(); next !== undefined; next = open.pop()) {
          if (seen.has(next)) continue;
          seen.add(next);
          open.push(...apps[Number(next)]!.dependencies);
        }
        return seen;
      };
      const inCircle = new Set(apps.filter(({ name }) => reach(name).has(name)).map(({ name }) => name));
      const left = apps.filter(({ name }) => inCircle.has(name) || [...reach(name)].some((other) => inCircle.has(other)));
      expect(apps.filter(({ name }) => !place.has(name))).toEqual(left);
      if (left.length > 0) expect(findings.length).toBeGreaterThan(0);
    }),
  );
});

test("who depends on a touched app is touched, whatever the number of steps", () => {
  const apps = [
    { name: "a", dependencies: [] },
    { name: "b", dependencies: ["a"] },
    { name: "c", dependencies: ["b"] },
    { name: "d", dependencies: [] },
  ];
  expect([...withDependants(["a"], apps)]).toEqual(["a", "b", "c"]);
});

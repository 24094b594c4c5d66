import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { optionsSchema } from "../../src/config/options.ts";
import { LEFT_AT_DEFAULT, ratingOf } from "./supervisor-rules.ts";

/** What Home Assistant's store reads, held to the Supervisor's rules and to the options that the app really has. */

const ROOT = join(import.meta.dirname, "../..");
const text = (name: string): string => readFileSync(join(ROOT, name), "utf8");

type SchemaElement = string | readonly SchemaElement[] | { readonly [key: string]: SchemaElement };
const config = parse(text("config.yaml")) as Readonly<Record<string, unknown>> & {
  readonly version: string;
  readonly image: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly schema: Readonly<Record<string, SchemaElement>>;
};

/** `features.include` for every option, as the form shows them: lists of groups are their group. */
function optionNames(schema: unknown, before = ""): string[] {
  const group = Array.isArray(schema) ? schema[0] : schema;
  if (typeof group !== "object" || group === null) return [before];
  const own = before === "" ? [] : [before];
  return [...own, ...Object.entries(group).flatMap(([key, part]) => optionNames(part, before === "" ? key : `${before}.${key}`))];
}

/** The same names from the schema that the app reads its options with. */
function namesOfJsonSchema(schema: unknown, before = ""): string[] {
  const { properties, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  if (items !== undefined) return namesOfJsonSchema(items, before);
  if (properties === undefined) return [before];
  const own = before === "" ? [] : [before];
  return [
    ...own,
    ...Object.entries(properties).flatMap(([key, part]) => namesOfJsonSchema(part, before === "" ? key : `${before}.${key}`)),
  ];
}

describe("the options", () => {
  test("the store's form offers exactly what the app reads", () => {
    const read = namesOfJsonSchema(z.toJSONSchema(optionsSchema, { io: "input", unrepresentable: "any" }));
    expect(optionNames(config.schema).sort()).toEqual(read.sort());
  });

  test("the defaults that the form shows are the ones of the app, and the app takes them without a word", () => {
    expect(optionsSchema.parse(config.options)).toEqual(optionsSchema.parse({}));
  });

  test("nothing has to be set: what has no default in the form is optional, at every depth", () => {
    const required = (schema: unknown, before = ""): string[] => {
      if (typeof schema === "string") return schema.endsWith("?") ? [] : [before];
      if (Array.isArray(schema)) return required(schema[0], before);
      return Object.entries(schema as object).flatMap(([key, part]) => required(part, before === "" ? key : `${before}.${key}`));
    };
    // A target needs a name; the group `targets` itself has a default.
    expect(required(config.schema)).toEqual(["log_level", "targets.name"]);
    // The Supervisor asks for each group of the schema itself, even if all of it is optional.
    const groups = Object.entries(config.schema).filter(
      ([, part]) => typeof part === "object" && typeof (Array.isArray(part) ? part[0] : part) === "object",
    );
    for (const [name] of groups) expect(config.options).toHaveProperty(name);
  });

  test.each(["en", "de"])("every option has a name and a help text (%s)", (language) => {
    interface Words {
      readonly name?: string;
      readonly description?: string;
      readonly fields?: Readonly<Record<string, Words>>;
    }
    const { configuration, network, ...others } = parse(text(`translations/${language}.yaml`)) as {
      readonly configuration: Record<string, Words>;
      readonly network: Record<string, string>;
    };
    const told = (words: Readonly<Record<string, Words>>, before = ""): string[] =>
      Object.entries(words).flatMap(([key, { name, description, fields, ...more }]) => {
        expect(more).toEqual({});
        expect([before + key, name, description]).toEqual([before + key, expect.stringMatching(/\S/), expect.stringMatching(/\S.*\.$/s)]);
        return [before + key, ...told(fields ?? {}, `${before}${key}.`)];
      });
    expect(others).toEqual({});
    // Closed until its user opens it.
    expect(config["ports"]).toEqual(Object.fromEntries(Object.keys(network).map((port) => [port, null])));
    // Broken once: a field of `targets` was left out of de.yaml.
    expect(told(configuration).sort()).toEqual(optionNames(config.schema).sort());
  });

  test("the manual's table names every option", () => {
    const [, section] = text("DOCS.md").split(/^## Options$/m);
    const table = section!.split(/^## /m)[0]!;
    for (const name of Object.keys(config.schema)) expect(table).toContain(`\`${name}\``);
  });
});

describe("the store package", () => {
  test("its rating is 8 of 8, the most there is", () => {
    expect(ratingOf(config, existsSync(join(ROOT, "apparmor.txt")))).toBe(8);
  });

  test("no key says what is so anyway, which the community's linter refuses", () => {
    const said = Object.entries(LEFT_AT_DEFAULT).filter(
      ([key, value]) => key in config && JSON.stringify(config[key]) === JSON.stringify(value),
    );
    expect(said).toEqual([]);
    for (const old of ["watchdog", "webui", "codenotary", "advanced", "auto_uart"]) expect(config).not.toHaveProperty(old);
  });

  test("the version is the same everywhere", () => {
    const { version } = JSON.parse(text("package.json")) as { version: string };
    expect(config.version).toBe(version);
    expect(text("Dockerfile")).toContain(`ARG BUILD_VERSION=${version}`);
    expect(text("CHANGELOG.md")).toMatch(new RegExp(`^## ${version.replaceAll(".", "\\.")}$`, "m"));
  });

  test("no other file of the repository could be taken for an app's configuration", () => {
    const found = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter(
      (name) => /(^|\/)config\.(ya?ml|json)$/.test(name) && !/(^|\/)(node_modules|\.[^/]+|rootfs|data)\//.test(name),
    );
    expect(found).toEqual(["config.yaml"]);
  });

  test("the AppArmor profile is one, bears the slug, and opens nothing wholesale", () => {
    const lines = text("apparmor.txt").split("\n");
    expect(lines.filter((line) => line.startsWith("profile ")).map((line) => line.split(" ")[1])).toEqual([config["slug"]]);
    const rules = lines.map((line) => line.replace(/#(?!include).*/, "").trim()).filter(Boolean);
    for (const wide of ["file,", "capability,", "network,", "mount,", "ptrace,", "/** rwk,", "/** rw,", "dbus,"])
      expect(rules).not.toContain(wide);
    for (const power of ["sys_admin", "sys_ptrace", "net_admin", "net_raw", "sys_module", "dac_read_search"])
      expect(rules.join("\n")).not.toContain(`capability ${power}`);
  });

  test.each([
    ["icon.png", 256, 256],
    ["logo.png", 250, 100],
  ])("%s is a PNG of the size that the store asks for", (name, width, height) => {
    const bytes = readFileSync(join(ROOT, name));
    expect(bytes.toString("latin1", 1, 4)).toBe("PNG");
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([width, height]);
  });

  test("the repository says who keeps it, and the same address as the app", () => {
    const repository = parse(text("repository.yaml")) as Record<string, string>;
    expect(Object.keys(repository).sort()).toEqual(["maintainer", "name", "url"]);
    expect(repository["url"]).toBe(config["url"]);
  });

  test("the store's introduction loads nothing and links nowhere relative, for the store shows it under another address", () => {
    const links = [...text("README.md").matchAll(/\]\(([^)]+)\)|src="([^"]+)"/g)].map(([, link, source]) => link ?? source!);
    expect(links.filter((link) => !/^https:\/\//.test(link))).toEqual([]);
  });
});

describe("the image", () => {
  const dockerfile = text("Dockerfile");

  test("its base is one exact release of Node, the one that the tests run", () => {
    const { devDependencies } = JSON.parse(text("package.json")) as { devDependencies: { node: string } };
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual(Array.from({ length: bases.length }, () => `node:${devDependencies.node}-bookworm-slim`));
  });

  test("it is watched by its own check, and its first process is the app's", () => {
    expect(dockerfile).toMatch(/^HEALTHCHECK .*CMD \["ml-data-layer-healthcheck"\]$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["ml-data-layer-start"\]$/m);
  });

  test("everything that it copies is there, and not kept out by .dockerignore", () => {
    const ignored = text(".dockerignore").split("\n");
    for (const [, flags, paths] of dockerfile.matchAll(/^COPY ((?:--\S+ )*)(.+)$/gm)) {
      if (flags!.includes("--from")) continue;
      for (const path of paths!.split(" ").slice(0, -1)) {
        expect(existsSync(join(ROOT, path)), path).toBe(true);
        expect(ignored, path).toContain(`!${path.split("/")[0]}`);
      }
    }
  });

  test("its scripts may be executed, and the command that backs up is one of them", () => {
    for (const script of readdirSync(join(ROOT, "addon"))) expect(statSync(join(ROOT, "addon", script)).mode & 0o111, script).toBe(0o111);
    expect(dockerfile).toContain(` /usr/local/bin/${String(config["backup_pre"])}\n`);
  });
});

test("whatever starts a Node gives V8 the same flags, and runs what was built", () => {
  const flags = (line: string): string => /\bnode ((?:--\S+ )+)(?:\/app\/)?dist\/program\/(?:main|cli)\.js/.exec(line)![1]!;
  const { scripts } = JSON.parse(text("package.json")) as { scripts: Readonly<Record<"start" | "cli", string>> };
  const lines = [scripts.start, scripts.cli, text("addon/start"), text("addon/ml-data-layer")];
  expect(new Set(lines.map(flags)).size).toBe(1);
});

describe("the workflows", () => {
  const folder = join(ROOT, ".github/workflows");
  const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

  test("every action is pinned by its digest, with the release beside it", () => {
    for (const { name, text: workflow } of workflows) {
      const uses = [...workflow.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, what]) => what!).filter((what) => !what.startsWith("./"));
      for (const what of uses) expect([name, what]).toEqual([name, expect.stringMatching(/^[\w./-]+@[0-9a-f]{40} # \S+$/)]);
    }
  });

  test("none has more rights than to read, but the one that publishes", () => {
    for (const { name, text: workflow } of workflows) {
      expect([name, (parse(workflow) as { permissions: object }).permissions]).toEqual([name, { contents: "read" }]);
      if (name !== "release.yaml") expect([name, workflow.includes(": write")]).toEqual([name, false]);
    }
  });
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

/** What contributors are asked for, held to the rules of GitHub's forms and to what there is. */

const ROOT = join(import.meta.dirname, "../..");
const text = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const FORMS = ".github/ISSUE_TEMPLATE";
const { url } = parse(text("repository.yaml")) as { url: string };

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly value?: string; readonly options?: readonly string[] };
  readonly validations?: { readonly required: boolean };
}

const forms = readdirSync(join(ROOT, FORMS))
  .filter((name) => name !== "config.yml")
  .map((name) => [name, parse(text(`${FORMS}/${name}`)) as { name: string; description: string; body: readonly Field[] }] as const);

describe("the forms of issues", () => {
  test.each(forms)("%s is a form that GitHub shows", (_, { name, description, body }) => {
    expect([typeof name, typeof description]).toEqual(["string", "string"]);
    const asked = body.filter(({ type }) => type !== "markdown");
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
    expect(new Set(asked.map(({ attributes }) => attributes.label)).size).toBe(asked.length);
    for (const { type, id, attributes } of asked) {
      expect(["input", "textarea", "dropdown", "checkboxes"]).toContain(type);
      expect(id).toMatch(/^[\w-]+$/);
      expect(attributes.label).toMatch(/\S/);
      if (type === "dropdown") expect(new Set(attributes.options).size).toBeGreaterThan(1);
    }
    for (const { type, attributes } of body) if (type === "markdown") expect(attributes.value).toMatch(/\S/);
  });

  test("a report comes with what is needed to look into it", () => {
    const [, bug] = forms.find(([name]) => name === "bug.yml")!;
    const needed = bug.body.filter(({ validations }) => validations?.required === true).map(({ id }) => id);
    expect(needed).toEqual(expect.arrayContaining(["happened", "version", "install", "home-assistant", "diagnostics", "log"]));
  });

  test("its links lead to this repository", () => {
    const { contact_links: links } = parse(text(`${FORMS}/config.yml`)) as { contact_links: readonly { url: string }[] };
    for (const link of links) expect(link.url.startsWith(`${url}/`), link.url).toBe(true);
    for (const [, path] of links.map((link) => /\/blob\/main\/(.+)$/.exec(link.url)).filter((found) => found !== null))
      expect(existsSync(join(ROOT, path!)), path).toBe(true);
  });
});

describe.each(["CONTRIBUTING.md", ".github/pull_request_template.md"])("%s", (name) => {
  const { scripts } = JSON.parse(text("package.json")) as { scripts: Readonly<Record<string, string>> };

  test("the commands that it names exist", () => {
    const named = [...text(name).matchAll(/\bnpm (?:run )?([a-z:]+)/g)].map(([, script]) => script!).filter((script) => script !== "ci");
    for (const script of named) expect(Object.keys(scripts)).toContain(script);
  });

  test("what it points at exists", () => {
    for (const [, path] of text(name).matchAll(/\]\((?!https:)([^)#]+)\)/g)) expect(existsSync(join(ROOT, path!)), path).toBe(true);
    for (const [, path] of text(name).matchAll(/`([\w./-]+\.(?:md|ts))`/g)) expect(existsSync(join(ROOT, path!)), path).toBe(true);
    for (const [, link] of text(name).matchAll(/\]\((https:[^)]+)\)/g)) expect(link!.startsWith(`${url}/`), link).toBe(true);
  });
});

import { type Document, isAlias, isMap, isScalar, type Range, visit } from "yaml";
import { reasonOf } from "../../../core/reason.ts";

/** Something wrong within a value of a YAML file, and where in the text. */
export interface Wrong {
  readonly at: number;
  readonly words: string;
}

/** A node as plain values, aliases and `<<` in place; or null, and what is wrong with it. */
export function plainValue(node: unknown, document: Document, lineAt: (offset: number) => number) {
  const wrong = wrongIn(node, document, lineAt);
  if (wrong.length > 0) return { value: null, wrong };
  try {
    const value: unknown = hasJs(node) ? node.toJS(document) : node;
    JSON.stringify(value); // throws where a value holds itself
    return { value, wrong };
  } catch (error) {
    const words = error instanceof TypeError ? "holds itself by an alias" : reasonOf(error);
    return { value: null, wrong: [{ at: offsetOf(node), words }] };
  }
}

/** Signs of YAML that were meant otherwise, mostly. */
function wrongIn(node: unknown, document: Document, lineAt: (offset: number) => number): Wrong[] {
  const wrong: Wrong[] = [];
  if (!isMap(node) && !isAlias(node)) return wrong;
  visit(node, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return;
      const words = `*${alias.source} stands for a value that is marked &${alias.source} before it, and none is; if it is meant as it stands, put it in quotes: "*${alias.source}"`;
      wrong.push({ at: offsetOf(alias), words });
    },
    Map(_key, map) {
      const seen = new Map<string, number>();
      for (const { key } of map.items) {
        const name = nameOf(key);
        const before = seen.get(name);
        if (before === undefined) seen.set(name, lineAt(offsetOf(key)));
        else wrong.push({ at: offsetOf(key), words: `${name} stands in line ${before} already; one of them has to go` });
      }
    },
  });
  return wrong;
}

/** What the parser only warns of, from one place of the text to another: tags that nobody knows, so that their value is another than meant. */
export function warningsIn(document: Document, fromAt: number, toAt: number): Wrong[] {
  return document.warnings
    .filter(({ pos: [at] }) => at >= fromAt && at < toAt)
    .map(({ pos: [at], message }) => {
      const tag = /^Unresolved tag: (\S+)/.exec(message)?.[1];
      const words =
        tag === undefined
          ? firstWords(message)
          : `${tag} is a tag that is not known here; if it is meant as it stands, put all of it in quotes`;
      return { at, words };
    });
}

/** Of the parser's words those without the place, which is told otherwise. */
export function firstWords(message: string): string {
  return message.split("\n")[0]!.replace(/ at line.*$/, "");
}

/** A key as it was written. */
export function nameOf(key: unknown): string {
  return String(isScalar(key) ? (key.source ?? key.value) : key);
}

export function offsetOf(node: unknown): number {
  return rangeOf(node)?.[0] ?? 0;
}

export function endOf(node: unknown): number | undefined {
  return rangeOf(node)?.[2];
}

function rangeOf(node: unknown): Range | null | undefined {
  return (node as { readonly range?: Range | null } | null)?.range;
}

function hasJs(node: unknown): node is { toJS(document: Document): unknown } {
  return typeof node === "object" && node !== null && "toJS" in node && typeof node.toJS === "function";
}

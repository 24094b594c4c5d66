import { domainOf } from "../../core/events/entity.ts";

/** What of an entity patterns look at. */
export interface ChoiceEntity {
  readonly entityId: string;
  readonly area: string | null;
  readonly deviceClass: string | null;
}

export interface Pattern {
  /** As it was written. */
  readonly text: string;
  readonly kind: "entity" | "domain" | "area" | "class";
  matches(entity: ChoiceEntity): boolean;
}

const WORDED = /^(domain|area|class):\s*(.*)$/su;

/**
 * A pattern of the options: `binary_sensor.*_motion` for ids, `domain:light`, `area:Living room`, `class:motion`. In all of them `*` is any run
 * of characters and `?` one character; upper and lower case are alike. An area may be written as its name or as Home Assistant's id of it.
 */
export function parsePattern(text: string): Pattern {
  const [, word, rest] = WORDED.exec(text) ?? [];
  const kind = (word ?? "entity") as Pattern["kind"];
  const glob = globPattern(rest?.trim() ?? text);
  const isMatch = (value: string | null): boolean => value !== null && glob.test(value);
  const matches = kind === "entity" ? isMatch : remembered(isMatch);
  const isOfArea = remembered((area) => isMatch(area) || (area !== null && isMatch(slugOf(area))));
  switch (kind) {
    case "domain":
      return { text, kind, matches: ({ entityId }) => matches(domainOf(entityId)) };
    case "area":
      return { text, kind, matches: ({ area }) => isOfArea(area) };
    case "class":
      return { text, kind, matches: ({ deviceClass }) => matches(deviceClass) };
    case "entity":
      return { text, kind, matches: ({ entityId }) => matches(entityId) };
  }
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "isu");
}

/** Domains, areas and classes are few, and asked for with each of thousands of entities. */
function remembered(isMatch: (value: string | null) => boolean): (value: string | null) => boolean {
  const answers = new Map<string | null, boolean>();
  return (value) => {
    let answer = answers.get(value);
    if (answer === undefined) {
      answer = isMatch(value);
      answers.set(value, answer);
    }
    return answer;
  };
}

/** Home Assistant's id of an area as it was made from its first name. */
function slugOf(area: string): string {
  return area
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}

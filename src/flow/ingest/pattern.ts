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
  const matches = (value: string | null): boolean => value !== null && glob.test(value.toLowerCase());
  switch (kind) {
    case "domain":
      return { text, kind, matches: ({ entityId }) => matches(domainOf(entityId)) };
    case "area":
      return { text, kind, matches: ({ area }) => matches(area) || (area !== null && matches(slugOf(area))) };
    case "class":
      return { text, kind, matches: ({ deviceClass }) => matches(deviceClass) };
    case "entity":
      return { text, kind, matches: ({ entityId }) => matches(entityId) };
  }
}

function globPattern(glob: string): RegExp {
  const escaped = glob.toLowerCase().replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "su");
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

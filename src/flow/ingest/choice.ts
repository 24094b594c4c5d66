import { attributeId, attributeOf, baseOf, domainOf } from "../../core/events/entity.ts";
import { type ChoiceEntity, type Pattern, parsePattern } from "./pattern.ts";

export interface Choice {
  /** Patterns (`pattern.ts`); none = everything, null = nothing. */
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  /** Taken whatever the patterns say: the label helpers. */
  readonly always: readonly string[];
  /** `PATTERN#attribute`: attributes that are stored as entities of their own. */
  readonly attributes?: readonly string[];
}

export interface Chooser {
  /** Whether an entity, or an attribute of one (`climate.x#temperature`), is to be stored. Decided once: it is asked with every event. */
  isChosen(entityId: string): boolean;
  /** The attributes of an entity that are to be stored. */
  attributesOf(entityId: string): readonly string[];
  /** Its area or class would decide, and is not known yet. */
  isUndecided(entityId: string): boolean;
  /** A label helper: taken whatever the patterns say. */
  isHelper(entityId: string): boolean;
  /** A label helper that Home Assistant renamed is one under its new name, too. */
  rename(from: string, to: string): void;
  /** Takes areas and classes. */
  learn(entities: readonly ChoiceEntity[]): Learned;
  /** Patterns that match nothing, in words. */
  findings(entities: readonly ChoiceEntity[], hasAttribute: (entityId: string, attribute: string) => boolean): string[];
}

/** Entities and attributes, of those that were known, whose choice is another now. */
export interface Learned {
  readonly newly: readonly string[];
  readonly left: readonly string[];
}

interface AttributePattern {
  readonly text: string;
  readonly of: Pattern;
  readonly attribute: string;
}

const NONE: readonly string[] = [];

/**
 * Exclude beats include; label helpers are always taken. An attribute is stored when its own pattern names it, included or not,
 * unless its entity is excluded.
 */
export function createChoice(choice: Choice): Chooser {
  const include = (choice.include ?? []).map(parsePattern);
  const exclude = choice.exclude.map(parsePattern);
  const attributes = (choice.attributes ?? []).map((text): AttributePattern => {
    return { text, of: parsePattern(baseOf(text)), attribute: attributeOf(text) ?? "" };
  });
  const choosesAll = choice.include?.length === 0;
  const always = new Set(choice.always);
  const needsFacts = [...include, ...exclude, ...attributes.map((each) => each.of)].some(({ kind }) => kind === "area" || kind === "class");
  const known = new Map<string, ChoiceEntity>();
  const decided = new Map<string, boolean>();
  const chosenAttributes = new Map<string, readonly string[]>();

  const entityOf = (entityId: string): ChoiceEntity => known.get(entityId) ?? { entityId, area: null, deviceClass: null };
  const matchesAny = (patterns: readonly Pattern[], entity: ChoiceEntity): boolean => patterns.some((pattern) => pattern.matches(entity));

  function decide(entityId: string): boolean {
    const attribute = attributeOf(entityId);
    if (attribute !== null) return attributesOf(baseOf(entityId)).includes(attribute);
    const entity = entityOf(entityId);
    return always.has(entityId) || ((choosesAll || matchesAny(include, entity)) && !matchesAny(exclude, entity));
  }

  function isChosen(entityId: string): boolean {
    let answer = decided.get(entityId);
    if (answer === undefined) {
      answer = decide(entityId);
      decided.set(entityId, answer);
    }
    return answer;
  }

  function attributesOf(entityId: string): readonly string[] {
    if (attributes.length === 0) return NONE;
    let names = chosenAttributes.get(entityId);
    if (names === undefined) {
      const entity = entityOf(entityId);
      const found = new Set(attributes.filter(({ of }) => of.matches(entity)).map(({ attribute }) => attribute));
      names = found.size === 0 || matchesAny(exclude, entity) ? NONE : [...found];
      chosenAttributes.set(entityId, names);
    }
    return names;
  }

  return {
    isChosen,
    attributesOf,
    isHelper: (entityId) => always.has(entityId),
    rename(from, to) {
      if (!always.has(from)) return;
      always.add(to);
      decided.delete(to);
    },
    isUndecided: (entityId) => needsFacts && !always.has(entityId) && !known.has(entityId),
    learn(entities) {
      const newly: string[] = [];
      const left: string[] = [];
      for (const { entityId, area, deviceClass } of entities) {
        const before = known.get(entityId);
        if (before !== undefined && before.area === area && before.deviceClass === deviceClass) continue;
        const [wasChosen, hadAttributes] = before === undefined ? [false, NONE] : [isChosen(entityId), attributesOf(entityId)];
        known.set(entityId, { entityId, area, deviceClass });
        decided.delete(entityId);
        for (const attribute of hadAttributes) decided.delete(attributeId(entityId, attribute));
        chosenAttributes.delete(entityId);
        for (const attribute of attributesOf(entityId)) decided.delete(attributeId(entityId, attribute));
        const isNow = isChosen(entityId);
        if (before === undefined) continue;
        if (wasChosen !== isNow) (wasChosen ? left : newly).push(entityId);
        const hasAttributes = attributesOf(entityId);
        newly.push(...hasAttributes.filter((name) => !hadAttributes.includes(name)).map((name) => attributeId(entityId, name)));
        left.push(...hadAttributes.filter((name) => !hasAttributes.includes(name)).map((name) => attributeId(entityId, name)));
      }
      return { newly, left };
    },
    findings(entities, hasAttribute) {
      const idle = (option: string, patterns: readonly Pattern[]): string[] =>
        patterns
          .filter((pattern) => !entities.some((entity) => pattern.matches(entity)))
          .map((pattern) => `${option}: ${JSON.stringify(pattern.text)} matches no entity.${advice(pattern, entities)}`);
      const idleAttributes = attributes.flatMap(({ text, of, attribute }) => {
        const matched = entities.filter((entity) => of.matches(entity));
        if (matched.some(({ entityId }) => hasAttribute(entityId, attribute))) return [];
        const words =
          matched.length === 0 ? `matches no entity.${advice(of, entities)}` : `matches entities, but none has that attribute now.`;
        return [`attributes: ${JSON.stringify(text)} ${words}`];
      });
      return [...idle("include", include), ...idle("exclude", exclude), ...idleAttributes];
    },
  };
}

const LISTED = 12;

/** What could have been meant: the areas, classes or domains that there are. */
function advice({ kind, text }: Pattern, entities: readonly ChoiceEntity[]): string {
  const named = {
    area: ["areas with entities", (entity: ChoiceEntity) => entity.area],
    class: ["classes", (entity: ChoiceEntity) => entity.deviceClass],
    domain: ["domains", (entity: ChoiceEntity) => domainOf(entity.entityId)],
  } as const;
  if (kind === "entity") return text.includes(".") ? "" : ` An entity id has a dot; a whole domain is written domain:${text}.`;
  const [words, of] = named[kind];
  const there = [...new Set(entities.map(of).filter((each) => each !== null))].sort();
  const more = there.length > LISTED ? ", ..." : "";
  return there.length === 0 ? ` There are no ${words}.` : ` There are the ${words} ${there.slice(0, LISTED).join(", ")}${more}.`;
}

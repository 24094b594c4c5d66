import { type FeatureDefinition, identityOf } from "./definition.ts";

/** A text of people as a part of a name: lower-case letters and digits of any script, without accents. */
export function slugOf(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_+|_+$/g, "");
}

/** A definition as it is stored: its name, and its identity as text. */
export interface StoredDefinition {
  readonly name: string;
  readonly definition: string;
}

/**
 * Gives each definition the name under which its very recipe is stored; a recipe that is new takes its own name or, where another
 * recipe has that (a sensor joined the area), the name with `:2`, `:3` ... So a name never changes its meaning.
 */
export function settleNames(definitions: readonly FeatureDefinition[], stored: readonly StoredDefinition[]): FeatureDefinition[] {
  const nameOf = new Map(stored.map(({ name, definition }) => [definition, name]));
  const taken = new Set(stored.map(({ name }) => name));
  return definitions.map((definition) => {
    const identity = identityOf(definition);
    let name = nameOf.get(identity);
    if (name === undefined) {
      name = definition.name;
      for (let number = 2; taken.has(name); number++) name = `${definition.name}:${number}`;
      nameOf.set(identity, name);
      taken.add(name);
    }
    return { ...definition, name };
  });
}

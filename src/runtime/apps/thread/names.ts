import { faultOf } from "./fault.ts";

/**
 * Tells which line of the app names an entity or a target, the first time that it does: only then may the runtime have to say that the home has no
 * such one, and a stack costs too much to be read for every request.
 */
export function placesOfNames(files: readonly string[]): (input: unknown, asked: Error | undefined) => string | undefined {
  const named = new Set<unknown>();
  return (input, asked) => {
    if (asked === undefined) return undefined;
    const { entity, entityId, target } = input as Readonly<Record<string, unknown>>;
    const fresh = [entity, entityId, target].flat().filter((name) => name !== undefined && !named.has(name));
    if (fresh.length === 0) return undefined;
    for (const name of fresh) named.add(name);
    return faultOf(asked, files).place ?? undefined;
  };
}

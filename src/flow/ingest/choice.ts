export interface Choice {
  /** Glob patterns (`*` any text, `?` one character); none = everything. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Taken whatever the patterns say: the label helpers. */
  readonly always: readonly string[];
}

/** Whether an entity is to be stored. Decided once per entity: the answer is asked for with every event. */
export function createChoice({ include, exclude, always }: Choice): (entityId: string) => boolean {
  const included = include.map(globPattern);
  const excluded = exclude.map(globPattern);
  const taken = new Set(always);
  const decided = new Map<string, boolean>();
  return (entityId) => {
    const known = decided.get(entityId);
    if (known !== undefined) return known;
    const matches = (pattern: RegExp): boolean => pattern.test(entityId);
    const isChosen = taken.has(entityId) || ((included.length === 0 || included.some(matches)) && !excluded.some(matches));
    decided.set(entityId, isChosen);
    return isChosen;
  };
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, ".*").replaceAll("?", ".")}$`, "su");
}

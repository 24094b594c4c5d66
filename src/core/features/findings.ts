/** Patterns of one option, and what of the home each of them means. */
export interface Patterns {
  readonly option: string;
  readonly patterns: readonly string[];
  readonly meant: (pattern: string) => readonly string[];
  /** What the patterns are to name, for the reader: `entity`, `feature`. */
  readonly noun: string;
}

/** A sentence for each pattern that means nothing. */
export function unmatchedPatterns(all: readonly Patterns[]): string[] {
  return all.flatMap(({ option, patterns, meant, noun }) =>
    patterns
      .filter((pattern) => meant(pattern).length === 0)
      .map((pattern) => `The option ${option} has ${JSON.stringify(pattern)}, which matches no ${noun}.`),
  );
}

/** The one of the names that was meant, perhaps: at most so many letters differ. */
export function nearestName(text: string, names: Iterable<string>, mostSteps: number): string | null {
  let nearest: { readonly name: string; readonly steps: number } | null = null;
  for (const name of names) {
    const steps = distance(text, name);
    if (steps <= mostSteps && steps < (nearest?.steps ?? Number.POSITIVE_INFINITY)) nearest = { name, steps };
  }
  return nearest?.name ?? null;
}

/** How many letters differ (Levenshtein), as far as 4. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 4;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

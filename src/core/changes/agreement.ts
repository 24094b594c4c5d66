/**
 * How many of `truth` can be matched by one of `found` within `margin`, one for one: each takes its nearest free one, the earlier on
 * a tie, in ascending order.
 */
export function matches(truth: readonly number[], found: readonly number[], margin: number): number {
  const free = [...found];
  let hits = 0;
  for (const wanted of truth) {
    let nearest = -1;
    let distance = margin;
    for (const [k, candidate] of free.entries()) {
      const away = Math.abs(candidate - wanted);
      if (away < distance || (away === distance && nearest === -1)) {
        nearest = k;
        distance = away;
      }
    }
    if (nearest < 0) continue;
    free.splice(nearest, 1);
    hits += 1;
  }
  return hits;
}

/** How well the segments of `found` cover those of `truth`: best Jaccard overlap of each, weighed by length (van den Burg & Williams). */
export function covering(truth: readonly number[], found: readonly number[], length: number): number {
  let total = 0;
  const parts = segments(found, length);
  for (const [begin, end] of segments(truth, length)) {
    let best = 0;
    for (const [from, to] of parts) {
      const both = Math.min(end, to) - Math.max(begin, from);
      if (both > 0) best = Math.max(best, both / (Math.max(end, to) - Math.min(begin, from)));
    }
    total += (end - begin) * best;
  }
  return total / length;
}

function segments(changes: readonly number[], length: number): (readonly [number, number])[] {
  const edges = [...changes, length];
  return edges.map((edge, k) => [k === 0 ? 0 : edges[k - 1]!, edge] as const);
}

/** Of the segmentations given and the empty one, that which agrees best with all of them: F1 (0 counts as found) plus covering. */
export function mostAgreed(candidates: readonly (readonly number[])[], length: number, margin: number): readonly number[] {
  const distinct = new Map(candidates.map((candidate) => [candidate.join(), candidate]));
  let chosen: readonly number[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const candidate of new Map([...distinct, ["", [] as readonly number[]]]).values()) {
    let score = 0;
    for (const other of candidates) {
      const hits = matches([0, ...other], [0, ...candidate], margin);
      score += (2 * hits) / (other.length + candidate.length + 2) + covering(other, candidate, length);
    }
    if (score > best) {
      best = score;
      chosen = candidate;
    }
  }
  return chosen;
}

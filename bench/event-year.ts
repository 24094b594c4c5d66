/** Seeded numbers in [0, 1): SplitMix32 (Steele, Lea, Flood 2014, the 32-bit variant). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
}

/** Two standard normals by Box and Muller, one a call. */
export function createNormal(random: () => number): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

export const YEAR_MS = 365 * 86_400_000;

/** The events of one entity in time order: milliseconds since the year's start, strictly rising, the first at 0. */
export interface EntityYear {
  readonly timeMs: Float64Array;
  readonly value: Float64Array;
}

/**
 * A year of a made-up home of the shape that the peers' make_events.py describes: the first half of the entities is binary and alternates
 * from 0, the second half numeric, a random walk drawn back to its mean and rounded to one decimal; how busy an entity is differs
 * (log-normal); times are uniform. Each has an event at 0, so that its state is always known.
 */
export function makeYear(events: number, entities: number, seed: number): EntityYear[] {
  const random = createRandom(seed);
  const normal = createNormal(random);
  const shares = Array.from({ length: entities }, () => Math.exp(normal()));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const counts = shares.map((share) => Math.max(1, Math.round(((events - entities) * share) / total) + 1));
  return counts.map((count, entity) => {
    const timeMs = Float64Array.from({ length: count }, () => Math.floor(random() * YEAR_MS)).sort();
    timeMs[0] = 0;
    for (let i = 1; i < count; i++) if (timeMs[i]! <= timeMs[i - 1]!) timeMs[i] = timeMs[i - 1]! + 1;
    const value = new Float64Array(count);
    let level = 0;
    for (let i = 0; i < count; i++) {
      level = 0.98 * level + 0.3 * normal();
      value[i] = entity < entities / 2 ? i % 2 : Math.round((21 + level) * 10) / 10;
    }
    return { timeMs, value };
  });
}

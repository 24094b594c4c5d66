/** Changes to Home Assistant's messages that it would never send: of values, so that they are JSON still, and of the text itself. */
export interface Mutations {
  /** A changed copy; the original stays. */
  ofValue(message: unknown): unknown;
  ofText(text: string): string;
}

export const HOSTILE_NAMES = [
  "sensor.😀_emoji",
  "sensor.'; DROP TABLE raw_events; --",
  `sensor.${"x".repeat(255)}`,
  "",
  "no_domain",
  ".",
  "sensor.\u0000nul",
  "__proto__",
  "constructor.prototype",
  "sensor.Ünïcödé",
  "sensor.\ud800lone",
  "sensor.with\nnewline",
] as const;

const JUNK: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER + 2,
  () => "",
  () => "unavailable",
  () => "x".repeat(70_000),
  () => "😀'\"\\\u0000",
  () => [],
  () => [[[[[[1]]]]]],
  () => ({}),
  () => JSON.parse('{"__proto__": {"state": "on"}, "constructor": 1}'),
  () => "2026-02-30T10:00:00.000001+00:00",
  () => "2026-13-01T10:00:00+00:00",
  () => "2026-11-21T24:61:00+00:00",
  () => "2026-11-21T10:00:00+99:99",
  () => "9999-12-31T23:59:59.999999+00:00",
  () => "0001-01-01T00:00:00+00:00",
  () => "2026-11-21 10:00:00",
  () => "2026-11-21T10:00:00.1234567891+00:00",
  () => 1795264570.7,
];

type Branch = Record<string, unknown>;

export function createMutations(random: () => number): Mutations {
  const below = (n: number): number => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;

  function branches(value: unknown, found: Branch[] = []): Branch[] {
    if (typeof value !== "object" || value === null) return found;
    found.push(value as Branch);
    for (const child of Object.values(value)) branches(child, found);
    return found;
  }

  function once(root: Branch): void {
    const branch = pick(branches(root));
    const keys = Object.keys(branch);
    if (keys.length === 0) return;
    const key = pick(keys);
    switch (below(6)) {
      case 0:
        delete branch[key];
        return;
      case 1:
        branch[key] = pick(keys.map((each) => branch[each]));
        return;
      case 2:
        if (typeof branch[key] === "string") branch[key] = ofText(branch[key]);
        return;
      case 3:
        if (key === "entity_id") branch[key] = pick(HOSTILE_NAMES);
        return;
      default:
        branch[key] = pick(JUNK)();
    }
  }

  function ofText(text: string): string {
    const at = below(text.length + 1);
    const length = 1 + below(Math.min(40, text.length + 1));
    switch (below(6)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(0, at) + text.slice(at + length);
      case 2:
        return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
      case 3:
        return text.slice(0, at) + String.fromCharCode(below(0x2ff)) + text.slice(at + 1);
      case 4:
        return text.slice(0, at) + pick(["null", "}", "]", '"', ",", "\\u0000", "1e999", "-", "{", "[1]", "\n"]) + text.slice(at);
      default:
        return text.slice(0, at) + String.fromCharCode((text.charCodeAt(at) || 48) ^ (1 << below(7))) + text.slice(at + 1);
    }
  }

  return {
    ofValue(message) {
      const copy = structuredClone(message) as Branch;
      for (let n = 1 + below(3); n > 0; n -= 1) once(copy);
      return copy;
    },
    ofText,
  };
}

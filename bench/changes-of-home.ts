/** What a made-up home of so many entities says, change by change: half a million a day, the entities take turns. */

const DAY_MS = 86_400_000;
const STEP_MS = DAY_MS / 500_000;

const KINDS = [
  { domain: "sensor", attributes: { unit_of_measurement: "W", device_class: "power" } },
  { domain: "sensor", attributes: { unit_of_measurement: "°C", device_class: "temperature" } },
  { domain: "sensor", attributes: { unit_of_measurement: "%", device_class: "humidity" } },
  { domain: "binary_sensor", attributes: { device_class: "motion" } },
  { domain: "light", attributes: {} },
] as const;

/** Its recorder holds a day before `sinceMs`. Every change differs from the one before of its entity. */
export function changesOfHome(entityCount: number, sinceMs: number) {
  const bornMs = sinceMs - DAY_MS;
  const kindOf = (entity: number): (typeof KINDS)[number] => KINDS[entity % KINDS.length]!;
  return {
    bornMs,
    kindOf,
    idOf: (entity: number): string => `${kindOf(entity).domain}.thing_${entity}`,
    /** The n-th change of the home. */
    atMsOf: (n: number): number => Math.round(bornMs + n * STEP_MS),
    numberAt: (atMs: number): number => Math.max(0, Math.ceil((atMs - bornMs) / STEP_MS)),
    stateAt(n: number): string {
      const entity = n % entityCount;
      const turn = Math.floor(n / entityCount);
      if (kindOf(entity).domain !== "sensor") return (turn + entity) % 2 === 0 ? "on" : "off";
      return (20 + ((entity * 7 + turn * 13) % 97) / 10).toFixed(1);
    },
  };
}

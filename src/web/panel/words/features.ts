import { duration, MINUTE_MS } from "./times.ts";
import { words } from "./words.ts";

/** `binary_sensor.bed:on_fraction:30m` as "Bed · time on · last 30 min". */
export function featureInWords(name: string): string {
  const [subject = "", measure, horizon] = name.split(":");
  const { features } = words;
  if (subject === "clock")
    return measure?.startsWith("hour_") ? features.hour : measure === "weekend" ? features.weekend : nameInWords(measure ?? "");
  const whom = subject === "home" ? features.home : entityInWords(subject);
  if (measure === undefined) return `${whom} · ${features.state}`;
  const over = /^(\d+)m$/.exec(horizon ?? "")?.[1];
  const what = measureInWords(measure.replace(/^log_/, ""));
  return `${whom} · ${what}${over === undefined ? "" : ` · ${features.over(duration(Number(over) * MINUTE_MS))}`}`;
}

/** With what it is, since `light.kitchen` and `switch.kitchen` are two things; of sensors the measure tells enough. */
function entityInWords(id: string): string {
  const domain = /^([a-z_]+)\./.exec(id)?.[1] ?? "";
  if (["", "area", "sensor", "binary_sensor"].includes(domain)) return nameInWords(id);
  return `${nameInWords(id)} (${words.features.domains[domain] ?? domain.replaceAll("_", " ")})`;
}

/** "motion_on_fraction" is a measure with what it is of before it. */
function measureInWords(measure: string): string {
  const { measures, kinds, share } = words.features;
  const known = measures[measure];
  if (known !== undefined) return known;
  if (measure.startsWith("share_")) return share(measure.slice("share_".length).replaceAll("_", " "));
  const [last] = Object.keys(measures).filter((each) => measure.endsWith(`_${each}`));
  if (last === undefined) return measure.replaceAll("_", " ");
  const kind = measure.slice(0, -last.length - 1);
  return `${kinds[kind] ?? kind.replaceAll("_", " ")}, ${measures[last]}`;
}

/** `area.living_room` or `living_room` as "Living room"; what is no id is left as it is. */
export function nameInWords(id: string): string {
  const slug = /^(?:[a-z_]+\.)?([\p{Ll}\p{N}_]+)$/u.exec(id)?.[1];
  if (slug === undefined) return id;
  const plain = slug.replaceAll("_", " ").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

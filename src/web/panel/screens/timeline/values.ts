import { count, figure, NONE, share } from "../../words/numbers.ts";
import { clockText, duration, MINUTE_MS } from "../../words/times.ts";

/** What a feature was, as a person would say it: counts and times are kept as logarithms, times of day as waves. */
export function valueInWords(feature: string, value: number | null, atMs: number): string {
  if (value === null) return NONE;
  const [subject, measure = ""] = feature.split(":");
  if (subject === "clock" && measure.startsWith("hour_")) return clockText(atMs);
  if (/(?:^|_)(?:activity|changes)$/.test(measure)) return `${count(Math.expm1(value))}×`;
  if (/(?:^|_)minutes_since_\w+$/.test(measure)) return duration(Math.expm1(value) * MINUTE_MS);
  if (/(?:^|_)on_fraction$|^share_/.test(measure)) return share(value);
  return figure(value);
}

import type { Locale } from "../around/locale.ts";
import { locale } from "./locale.ts";

const NARROW_SPACE = "\u202f";
/** Made when first needed: each costs a phone some milliseconds. */
const format = (wanted: Intl.NumberFormatOptions): ((value: number) => string) => {
  let made: { readonly of: Locale; readonly as: Intl.NumberFormat } | null = null;
  return (value) => {
    if (made?.of !== locale) made = { of: locale, as: new Intl.NumberFormat(locale.numbers, { useGrouping: locale.isGrouped, ...wanted }) };
    return made.as.format(value);
  };
};
const whole = format({ maximumFractionDigits: 0 });
const score = format({ minimumFractionDigits: 3, maximumFractionDigits: 3 });
const significant = format({ maximumSignificantDigits: 3 });
const tenth = format({ maximumFractionDigits: 1 });

/** What is not known; never 0. */
export const NONE = "–";

/** 1234567 as people of the place write it. */
export function count(value: number | null): string {
  return value === null ? NONE : whole(value);
}

/** Whole percent; never 0 or 100, which nobody can know. */
export function percent(probability: number | null): string {
  if (probability === null) return NONE;
  if (probability < 0.01) return "<1%";
  if (probability > 0.99) return ">99%";
  return `${whole(probability * 100)}%`;
}

/** A share of things counted, where all and none are possible. */
export function share(value: number | null): string {
  if (value === null) return NONE;
  const rounded = Math.round(value * 100);
  if (rounded === 0 && value > 0) return "<1%";
  if (rounded === 100 && value < 1) return ">99%";
  return `${whole(rounded)}%`;
}

/** A score such as log loss: three decimals. */
export function scoreText(value: number | null): string {
  return value === null ? NONE : score(value);
}

/** A measured number: three significant digits. */
export function figure(value: number | null): string {
  if (value === null) return NONE;
  return Math.abs(value) >= 1000 ? whole(value) : significant(value);
}

/** "412 MB" */
export function bytes(value: number | null): string {
  if (value === null) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const size = value / 1000 ** step;
  return `${(size < 10 ? tenth : whole)(size)}${NARROW_SPACE}${units[step]}`;
}

import { type Locale, plainLocale } from "../around/locale.ts";

/** How numbers, times and words are written; set once, before anything is drawn: who changes their profile loads the page anew. */
export let locale: Locale = plainLocale("en");

export function setLocale(wanted: Locale): void {
  locale = wanted;
}

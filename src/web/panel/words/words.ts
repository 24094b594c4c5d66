import type { ChangeTold } from "./change-told.ts";
import type { Words } from "./en.ts";
import { locale } from "./locale.ts";

/** What the panel says, in the person's language; there before anything is drawn. */
export let words: Words;

/** A change since a date as a sentence, in languages other than the app's own; null: the app's words are in the person's language. */
export let changeInWords: ((change: ChangeTold, name: string, date: string) => string) | null = null;

/** Loads the one language that is wanted. */
export async function loadWords(): Promise<void> {
  if (locale.language === "de") ({ de: words, changeInGerman: changeInWords } = await import("./de.ts"));
  else words = (await import("./en.ts")).en;
}

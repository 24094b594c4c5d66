import type { ChangeTold } from "./change-told.ts";
import type { Words } from "./en.ts";
import { locale } from "./locale.ts";

/** What the panel says, in the person's language; there before anything is drawn. */
export let words: Words;

/** A change since a date as a sentence, in languages other than the app's own; null: the app's words are in the person's language. */
export let changeInWords: ChangeInWords | null = null;

type ChangeInWords = (change: ChangeTold, name: string, date: string) => string;

export function setWords(wanted: Words, change: ChangeInWords | null = null): void {
  words = wanted;
  changeInWords = change;
}

/** Loads the one language that is wanted. */
export async function loadWords(): Promise<void> {
  if (locale.language === "en") return setWords((await import("./en.ts")).en);
  const { de, changeInGerman } = await import("./de.ts");
  setWords(de, changeInGerman);
}

import type { Words } from "./en.ts";
import { locale } from "./locale.ts";

/** What the panel says, in the person's language; there before anything is drawn. */
export let words: Words;

/** Loads the one language that is wanted. */
export async function loadWords(): Promise<void> {
  words = locale.language === "de" ? (await import("./de.ts")).de : (await import("./en.ts")).en;
}

import { readLocale } from "../around/locale.ts";

/** Read once: who changes their profile loads the page anew. */
export const locale = readLocale();

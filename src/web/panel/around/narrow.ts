import { effect, signal } from "@preact/signals";
import { small } from "./small.ts";

/** Whether Home Assistant shows its narrow form; null where it does not say. */
export const narrow = signal<boolean | null>(null);

/** Styles follow the root's mark, so that what is drawn is the same in both forms. */
export function followWidth(): void {
  const query = small();
  const isSmall = signal(query.matches);
  query.addEventListener("change", ({ matches }) => {
    isSmall.value = matches;
  });
  effect(() => {
    document.documentElement.dataset["narrow"] = String(narrow.value ?? isSmall.value);
  });
}

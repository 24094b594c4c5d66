import { signal } from "@preact/signals";

/** Counts changes of the theme: what draws on a canvas reads its colours again. */
export const themeChanges = signal(0);
window.addEventListener("panel-theme", () => {
  themeChanges.value += 1;
});

/** A colour of the theme as it is now, for a canvas. */
export function colourOf(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

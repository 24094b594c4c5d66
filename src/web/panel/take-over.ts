import { render, type VNode } from "preact";
import { afterPaint } from "./client/after-paint.ts";

/** Draws the panel over the picture that came with the page: the same elements, which live from now on. */
export function takeOver(app: VNode): void {
  const root = document.documentElement;
  const panel = document.getElementById("panel")!;
  // Of another screen, or in another language.
  if (root.dataset["picture"] === "hidden") panel.replaceChildren();
  render(app, panel);
  delete root.dataset["picture"];
  panel.removeAttribute("aria-busy");
  performance.mark("live");
  // Behind the components' own first effects.
  afterPaint(() => (window as { readonly pressed?: HTMLButtonElement | null }).pressed?.click());
}

import { mdiDotsHorizontal } from "@mdi/js";
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { narrow } from "../around/parent.ts";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";
import { hrefOf, route } from "./route.ts";
import { type ScreenPlace, screens } from "./screens.ts";

/** Places of the bar on a phone; the others are behind "More". */
const IN_BAR = 4;
const NARROW = "(max-width: 599px)";
const isSmall = signal(matchMedia(NARROW).matches);
matchMedia(NARROW).addEventListener("change", ({ matches }) => {
  isSmall.value = matches;
});
const isMoreOpen = signal(false);

/** Tabs at the top; where Home Assistant is narrow, a bar at the bottom. */
export function Nav() {
  const isNarrow = narrow.value ?? isSmall.value;
  useEffect(() => {
    document.documentElement.dataset["narrow"] = String(isNarrow);
  }, [isNarrow]);
  const current = route.value.screen;
  useEffect(() => {
    isMoreOpen.value = false;
    document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  if (!isNarrow || screens.length <= IN_BAR + 1) {
    return (
      <nav class={isNarrow ? "bar" : "tabs"} aria-label={words.nav.label}>
        <Places places={screens} current={current} />
      </nav>
    );
  }
  const more = screens.slice(IN_BAR);
  const isInMore = more.some(({ name }) => name === current);
  return (
    <nav class="bar" aria-label={words.nav.label} onKeyDown={(event) => event.key === "Escape" && close()}>
      {isMoreOpen.value && <Places places={more} current={current} class="more" />}
      <Places places={screens.slice(0, IN_BAR)} current={current}>
        <li>
          <button
            type="button"
            id="more"
            class={isInMore ? "place current" : "place"}
            aria-expanded={isMoreOpen.value}
            onClick={() => (isMoreOpen.value = !isMoreOpen.value)}
          >
            <Icon path={mdiDotsHorizontal} />
            {words.nav.more}
          </button>
        </li>
      </Places>
    </nav>
  );
}

function close(): void {
  if (!isMoreOpen.value) return;
  isMoreOpen.value = false;
  document.getElementById("more")?.focus();
}

interface PlacesProps {
  readonly places: readonly ScreenPlace[];
  readonly current: string;
  readonly class?: string;
  readonly children?: ComponentChildren;
}

function Places({ places, current, class: look, children }: PlacesProps) {
  return (
    <ul class={look}>
      {places.map(({ name, icon }) => (
        <li key={name}>
          <a class="place" href={hrefOf(`/${name}`)} aria-current={name === current ? "page" : undefined}>
            <Icon path={icon} />
            {words.nav[name]}
          </a>
        </li>
      ))}
      {children}
    </ul>
  );
}

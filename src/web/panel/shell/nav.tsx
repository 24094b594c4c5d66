import { mdiDotsHorizontal } from "@mdi/js";
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../parts/icon.tsx";
import { words } from "../words/words.ts";
import { hrefOf, route } from "./route.ts";
import { type ScreenPlace, screens } from "./screens.ts";

/** Places of the bar on a phone; the others are behind "More". */
const IN_BAR = 4;
/** The screen over which the other places are open: on another one they are not. */
const moreOver = signal<string | null>(null);

/** Tabs at the top; where Home Assistant is narrow, a bar at the bottom: the same places, which frame.css puts there. */
export function Nav() {
  const current = route.value.screen;
  const isMoreOpen = moreOver.value === current;
  useEffect(() => {
    document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  const more = screens.slice(IN_BAR);
  const isInMore = more.some(({ name }) => name === current);
  return (
    <nav aria-label={words.nav.label} onKeyDown={(event) => event.key === "Escape" && close()}>
      <Places places={screens.slice(0, IN_BAR)} current={current}>
        <li class="opener">
          <button
            type="button"
            id="more"
            class={isInMore ? "place current" : "place"}
            aria-expanded={isMoreOpen}
            onClick={() => (moreOver.value = isMoreOpen ? null : current)}
          >
            <Icon path={mdiDotsHorizontal} />
            {words.nav.more}
          </button>
        </li>
      </Places>
      <Places places={more} current={current} class={isMoreOpen ? "rest open" : "rest"} />
    </nav>
  );
}

function close(): void {
  if (moreOver.value === null) return;
  moreOver.value = null;
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

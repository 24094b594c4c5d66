import { useEffect } from "preact/hooks";
import { me } from "../client/session.ts";
import { trouble } from "../client/trouble.ts";
import { words } from "../words/words.ts";
import { Help, isHelpOpen } from "./help.tsx";
import { type Key, startKeys, useKeys } from "./keys.ts";
import { LinkNote } from "./link-note.tsx";
import { Nav } from "./nav.tsx";
import { go, route } from "./route.ts";
import { ScreenView } from "./screen-view.tsx";
import { screens } from "./screens.ts";
import { Toasts } from "./toast.tsx";
import { TroubleView } from "./trouble-view.tsx";

/** The frame: where one can go, what is open, and what is said meanwhile. */
export function App() {
  useEffect(startKeys, []);
  const goKeys = screens.map<Key>(({ name }, n) => ({ keys: [String(n + 1)], words: words.nav[name], run: () => go(`/${name}`) }));
  useKeys([
    ...goKeys,
    {
      keys: ["?"],
      words: words.keys.help,
      run() {
        isHelpOpen.value = true;
      },
    },
    { keys: ["/"], words: words.keys.filter, run: focusFilter },
  ]);
  const name = screens.find((screen) => screen.name === route.value.screen)?.name;
  useEffect(() => {
    document.title = name === undefined ? words.app : `${words.nav[name]} · ${words.app}`;
  }, [name]);
  const isOut = trouble.value !== null && (me.value === null || trouble.value.status !== 0);
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={skip}>
        {words.skip}
      </button>
      <Nav />
      <main id="main" tabIndex={-1}>
        <LinkNote />
        {isOut && trouble.value !== null ? <TroubleView fault={trouble.value} /> : me.value !== null && <ScreenView />}
      </main>
      <Toasts />
      <Help />
    </div>
  );
}

/** No link: the address is the router's. */
function skip(): void {
  document.getElementById("main")?.focus();
}

function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>("[data-filter]");
  field?.focus();
  return field !== null;
}

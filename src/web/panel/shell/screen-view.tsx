import type { ComponentType } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";
import { faultOf } from "../client/fault.ts";
import { lookAtSession } from "../client/session.ts";
import { FaultNote } from "../parts/fault-note.tsx";
import { words } from "../words/words.ts";
import { hrefOf, route } from "./route.ts";
import { loadedScreens, rememberScreen, type ScreenPlace, screens } from "./screens.ts";

/** The screen that the address names, loaded when it is first opened. */
export function ScreenView() {
  const { screen: name } = route.value;
  if (name === "") return null;
  const place = screens.find((screen) => screen.name === name);
  if (place === undefined) {
    return (
      <section class="card">
        <p>{words.states.noSuchScreen(name)}</p>
        <p>
          <a href={hrefOf("/now")}>{words.nav.now}</a>
        </p>
      </section>
    );
  }
  return <Loading key={place.name} place={place} />;
}

function Loading({ place }: { readonly place: ScreenPlace }) {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<unknown>(null);
  const Screen = loadedScreens.get(place.name);
  useEffect(() => {
    rememberScreen(place.name);
    if (Screen !== undefined) return;
    place.load().then(
      (module) => {
        loadedScreens.set(place.name, module.Screen);
        redraw((n) => n + 1);
      },
      (error: unknown) => {
        setFailed(error);
        // The files are behind the session, too.
        void lookAtSession();
      },
    );
  }, [place]);
  if (failed !== null) {
    // After an update of the app the page's old parts are gone.
    return (
      <section class="card" role="alert">
        <p>{words.states.chunkMissing}</p>
        <button type="button" onClick={() => location.reload()}>
          {words.states.reload}
        </button>
      </section>
    );
  }
  if (Screen === undefined) return null;
  return (
    <>
      <h1 class="hidden">{words.nav[place.name]}</h1>
      <Guarded Screen={Screen} />
    </>
  );
}

/** A screen that fails takes nothing else down. */
function Guarded({ Screen }: { readonly Screen: ComponentType }) {
  const [error, again] = useErrorBoundary();
  if (error !== undefined) {
    return (
      <section class="card">
        <FaultNote fault={faultOf(error)} retry={again} />
      </section>
    );
  }
  return <Screen />;
}

import { renderToString } from "preact-render-to-string";
import type { OverviewBody } from "../api/routes.ts";
import { plainLocale } from "./around/locale.ts";
import { forgetAnswers, keepAnswer } from "./client/asked.ts";
import { setNow } from "./client/clock.ts";
import { type Me, me } from "./client/session.ts";
import { App } from "./shell/app.tsx";
import { route, routeOf } from "./shell/route.ts";
import { changeInGerman, de } from "./words/de.ts";
import { en } from "./words/en.ts";
import { setLocale } from "./words/locale.ts";
import { setZone } from "./words/times.ts";
import { setWords } from "./words/words.ts";

/**
 * The first picture of *Now* as HTML, by the components that the browser's script draws with. Built by itself, for the server, which calls it for one
 * visitor after the other: it waits for nothing, and leaves nothing of one to the next.
 */
export function drawPicture(who: Me, overview: OverviewBody, language: string): string {
  setLocale(plainLocale(language));
  if (plainLocale(language).language === "de") setWords(de, changeInGerman);
  else setWords(en);
  setNow(who.nowUtc);
  setZone(who.timeZone);
  me.value = who;
  keepAnswer("overview", overview);
  route.value = routeOf("#/now");
  try {
    return renderToString(<App />);
  } finally {
    me.value = null;
    forgetAnswers();
  }
}

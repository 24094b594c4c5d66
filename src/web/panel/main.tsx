import { readLocale } from "./around/locale.ts";
import { followWidth } from "./around/narrow.ts";
import { followParent } from "./around/parent.ts";
import { tellScriptFault } from "./around/script-fault.ts";
import { afterPaint } from "./client/after-paint.ts";
import { askAhead } from "./client/asked.ts";
import { get } from "./client/client.ts";
import { startClock } from "./client/clock.ts";
import { startLive } from "./client/live.ts";
import { askWho, followRank } from "./client/session.ts";
import { App } from "./shell/app.tsx";
import { followAddress, route } from "./shell/route.ts";
import { loadScreen, openFirstScreen } from "./shell/screens.ts";
import { takeOver } from "./take-over.ts";
import { locale, setLocale } from "./words/locale.ts";
import { loadWords } from "./words/words.ts";

/** The first picture waits so long for answers that are on their way already, so that it is drawn once. */
const PATIENCE_MS = 300;

/** Not awaited where the file is loaded: languages and screens import what is built into it, and would wait for it while it waits for them. */
async function draw(): Promise<void> {
  setLocale(readLocale());
  document.documentElement.lang = locale.language;
  followAddress();
  openFirstScreen();
  const { screen } = route.value;
  const isOverviewFirst = screen === "now" || screen === "first-run";
  const answers = Promise.all([askWho(), loadScreen(screen), isOverviewFirst ? askAhead("overview", () => get("/overview")) : null]);
  await Promise.all([loadWords(), Promise.race([answers, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])]);
  followWidth();
  takeOver(<App />);
  followParent();
  startClock();
  afterPaint(() => {
    startLive();
    followRank();
  });
}

draw().catch(tellScriptFault);

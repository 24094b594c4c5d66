import { render } from "preact";
import "./styles/base.css";
import "./styles/card.css";
import "./styles/frame.css";
import { followParent } from "./around/parent.ts";
import { startLive } from "./client/live.ts";
import { askWho } from "./client/session.ts";
import { App } from "./shell/app.tsx";
import { openFirstScreen } from "./shell/screens.ts";
import { loadWords } from "./words/words.ts";

const who = askWho();
await loadWords();
render(<App />, document.getElementById("panel")!);
followParent();
startLive();
await who;
openFirstScreen();

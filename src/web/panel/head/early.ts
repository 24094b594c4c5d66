import { deviceMs } from "../around/device-clock.ts";
import { readLocale } from "../around/locale.ts";
import { likelyScreen } from "./likely-screen.ts";

/**
 * Begins at once what the panel's script would ask for only when it has come: its language, the screen that will be opened, and what that screen
 * asks first. On a phone each of these would else wait for the one before.
 */

/** Files by what they are for, as build.js found them. */
interface Parts {
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly screens: Readonly<Record<string, readonly string[]>>;
}

/** Questions of the first screens; others ask when they are there. */
const FIRST: Readonly<Record<string, readonly string[]>> = { now: ["api/v1/overview"], "first-run": ["api/v1/overview"] };

/** Answers that stand in the page, as data; or that are on their way. */
export type Early = Map<string, Promise<Response> | { readonly answer: unknown; readonly atMs: number }>;

function preload(path: string): void {
  const link = document.createElement("link");
  link.rel = path.endsWith(".css") ? "preload" : "modulepreload";
  if (path.endsWith(".css")) link.as = "style";
  link.href = path;
  document.head.append(link);
}

const text = document.querySelector<HTMLMetaElement>('meta[name="parts"]')?.content;
const { words, screens }: Parts = text === undefined ? { words: {}, screens: {} } : JSON.parse(text);
const screen = likelyScreen();
const early: Early = new Map();
const inPage = document.getElementById("answers")?.textContent;
for (const [address, answer] of Object.entries(inPage ? (JSON.parse(inPage) as object) : {}))
  early.set(address, { answer, atMs: deviceMs() });
for (const address of ["api/v1/me", ...(FIRST[screen] ?? [])]) {
  if (early.has(address)) continue;
  const answer = fetch(address, { cache: "no-store" });
  // Who takes it hears of a failure; nobody may come for it.
  answer.catch(() => undefined);
  early.set(address, answer);
}
Object.assign(window, { early });
for (const path of new Set([...(words[readLocale().language] ?? []), ...(screens[screen] ?? [])])) preload(path);

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** A key that does something, with the words that `?` lists. */
export interface Key {
  /** As `event.key` says it: "a", "ArrowLeft", "Delete"; several for one thing. */
  readonly keys: readonly string[];
  /** With Ctrl or the Mac's command key. */
  readonly isControl?: boolean;
  readonly words: string;
  /** False = not now, the browser may have it. */
  run(event: KeyboardEvent): unknown;
}

export const keys = signal<readonly (readonly Key[])[]>([]);
const OFF = "ml-data-layer.keys-off";
/** Single letters can be switched off (WCAG 2.1.4); arrows, Escape and Ctrl stay. */
export const lettersOff = signal(false);

export function setLettersOff(isOff: boolean): void {
  lettersOff.value = isOff;
  try {
    localStorage.setItem(OFF, String(isOff));
  } catch {
    // It holds until the page is left.
  }
}

/** Has these keys for as long as the component is there; `list` may be made anew at each drawing. */
export function useKeys(list: readonly Key[]): void {
  useEffect(() => {
    keys.value = [...keys.peek(), list];
    return () => {
      keys.value = keys.peek().filter((each) => each !== list);
    };
  });
}

/** Listens for as long as the page lives. */
export function startKeys(): void {
  lettersOff.value = areLettersOff();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || isTyping(event)) return;
    const isControl = event.ctrlKey || event.metaKey;
    if (lettersOff.value && !isControl && event.key.length === 1 && event.key !== "?") return;
    // What was opened last answers first.
    for (const list of keys.peek().toReversed()) {
      for (const key of list) {
        if ((key.isControl ?? false) !== isControl || !key.keys.includes(event.key.length === 1 ? event.key.toLowerCase() : event.key))
          continue;
        if (key.run(event) === false) continue;
        event.preventDefault();
        return;
      }
    }
  });
}

function isTyping({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range", "submit"].includes(target.type);
}

function areLettersOff(): boolean {
  try {
    return localStorage.getItem(OFF) === "true";
  } catch {
    return false;
  }
}

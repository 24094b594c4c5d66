import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { faultOf } from "../client/fault.ts";
import { words } from "../words/words.ts";
import { useKeys } from "./keys.ts";

interface Toast {
  readonly text: string;
  readonly undo: (() => Promise<unknown>) | null;
}

const STAYS_MS = 10_000;
const toast = signal<Toast | null>(null);

/** Says what was just done, and offers to undo it (also by Ctrl+Z while it is there). */
export function say(text: string, undo: (() => Promise<unknown>) | null = null): void {
  toast.value = { text, undo };
}

/** Says why something that a person wanted was not done. */
export function complain(error: unknown): void {
  const { detail, code, status } = faultOf(error);
  say(detail !== "" ? detail : status === 0 ? words.states.noAnswer : code);
}

async function undoLast(): Promise<void> {
  const undo = toast.value?.undo ?? null;
  if (undo === null) return;
  toast.value = null;
  try {
    await undo();
    say(words.toast.undone);
  } catch (error) {
    complain(error);
  }
}

export function Toasts() {
  const shown = toast.value;
  useKeys([
    {
      keys: ["z"],
      isControl: true,
      words: words.keys.undo,
      run() {
        if (toast.value?.undo == null) return false;
        void undoLast();
        return true;
      },
    },
  ]);
  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => {
      // Who is at the button still wants it.
      if (!document.querySelector(".toast:hover, .toast:focus-within")) toast.value = null;
    }, STAYS_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <div class="toasts" role="status">
      {shown !== null && (
        <div class="toast">
          <span>{shown.text}</span>
          {shown.undo !== null && (
            <button type="button" class="plain" onClick={() => void undoLast()}>
              {words.toast.undo}
            </button>
          )}
          <button type="button" class="plain" aria-label={words.toast.close} onClick={() => (toast.value = null)}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/words.ts";
import { keys, lettersOff, setLettersOff } from "./keys.ts";

export const isHelpOpen = signal(false);

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  " ": "␣",
};

/** All keys that do something now. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="help-title">{words.keys.title}</h2>
      <dl class="keys">
        {keys
          .peek()
          .flat()
          .map((key) => (
            <div key={key.words}>
              <dt>
                {key.keys.map((name) => (
                  <kbd key={name}>{`${key.isControl ? "Ctrl " : ""}${NAMES[name] ?? (name.length === 1 ? name.toUpperCase() : name)}`}</kbd>
                ))}
              </dt>
              <dd>{key.words}</dd>
            </div>
          ))}
      </dl>
      <p>
        <label>
          <input type="checkbox" checked={lettersOff.value} onChange={(event) => setLettersOff(event.currentTarget.checked)} />{" "}
          {words.keys.lettersOff}
        </label>
      </p>
      <form method="dialog">
        <button type="submit">{words.keys.close}</button>
      </form>
    </dialog>
  );
}

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { words } from "../words/words.ts";

interface ConfirmProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly action: string;
  readonly run: () => Promise<void>;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** Says what something will do before it is done; open for as long as it is drawn. */
export function Confirm({ title, action, run, close, children }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [isUnderWay, setUnderWay] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close}>
      <h2 id={id}>{title}</h2>
      {children}
      <p class="actions">
        <button
          type="button"
          class="primary"
          disabled={isUnderWay}
          onClick={() => {
            setUnderWay(true);
            void run().finally(() => dialog.current?.close());
          }}
        >
          {action}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          {words.list.cancel}
        </button>
      </p>
    </dialog>
  );
}

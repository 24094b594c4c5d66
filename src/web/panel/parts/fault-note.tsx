import type { Fault } from "../client/fault.ts";
import { say } from "../shell/toast.tsx";
import { words } from "../words/words.ts";

/** What failed, the likely cause, and what to do. */
export function FaultNote({ fault, retry }: { readonly fault: Fault; readonly retry: () => void }) {
  const { status, code, detail, requestId } = fault;
  const details = `${code} (${status})${requestId === null ? "" : `, request ${requestId}`}${detail === "" ? "" : `: ${detail}`}`;
  return (
    <div class="fault" role="alert">
      <p>{status === 0 && detail === "" ? words.states.noAnswer : <ServerText text={detail || code} />}</p>
      <p class="actions">
        <button type="button" onClick={retry}>
          {words.states.retry}
        </button>
        <button type="button" class="plain" onClick={() => void copy(details)}>
          {words.states.copyDetails}
        </button>
      </p>
    </div>
  );
}

/** The app's own sentences are English, whatever the panel speaks. */
export function ServerText({ text }: { readonly text: string }) {
  return <span lang="en">{text}</span>;
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure connection browsers give no clipboard.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    if (!isCopied) {
      say(words.states.notCopied);
      return;
    }
  }
  say(words.states.copied);
}

import { isFramed, reloadAll } from "../around/parent.ts";
import type { Fault } from "../client/fault.ts";
import { FaultNote, ServerText } from "../parts/fault-note.tsx";
import { words } from "../words/words.ts";

/** Why nothing at all can be shown, and what to do. */
export function TroubleView({ fault }: { readonly fault: Fault }) {
  if (fault.status === 401) {
    const isSession = isFramed() || fault.code === "session ended";
    return (
      <section class="card" role="alert">
        <h1>{isSession ? words.trouble.ended : words.trouble.notAllowed}</h1>
        {!isSession && (
          <p>
            <ServerText text={fault.detail} />
          </p>
        )}
        <button type="button" class="primary" onClick={reloadAll}>
          {words.states.reload}
        </button>
      </section>
    );
  }
  return (
    <section class="card">
      <h1>{fault.code === "starting" ? words.trouble.starting : fault.code === "refused" ? words.trouble.refused : words.trouble.away}</h1>
      <FaultNote fault={fault} retry={() => location.reload()} />
      <p class="second">{words.trouble.asking}</p>
    </section>
  );
}

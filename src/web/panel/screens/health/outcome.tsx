import { words } from "../../words/words.ts";

/** What became of a run: a word, with a sign where it is no good one. */
export function Outcome({ status }: { readonly status: string }) {
  const isBad = status === "failed";
  return (
    <span class={isBad ? "outcome bad" : "outcome"}>
      <span aria-hidden="true">{isBad ? "▲" : status === "completed" ? "✓" : "○"}</span> {words.health.receipts.statuses[status] ?? status}
    </span>
  );
}

import { nowMs } from "../../client/clock.ts";
import { useKeys } from "../../shell/keys.ts";
import { complain } from "../../shell/toast.tsx";
import { zone } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import type { TimelineData } from "./data.ts";
import { draft, draftAt, draftOfLabel, removeDraft, saveDraft } from "./draft.ts";
import { nextLabel } from "./neighbours.ts";
import { lastDay, moved, spanTo, type View, zoomed } from "./view.ts";

interface KeyParts {
  readonly target: string;
  readonly view: View;
  readonly data: TimelineData | null;
  readonly atMs: number;
  readonly show: (view: View) => void;
  readonly again: () => void;
  readonly review: () => void;
}

/** So that a label is in the middle of what is shown. */
export function viewAbout(view: View, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): View {
  const middle = (fromMs + toMs) / 2;
  const half = Math.max(view.toMs - view.fromMs, (toMs - fromMs) * 1.5) / 2;
  return { fromMs: Math.round(middle - half), toMs: Math.round(middle + half) };
}

/** Everything that fingers and mice can do here. */
export function useTimelineKeys({ target, view, data, atMs, show, again, review }: KeyParts): void {
  const say = words.timeline.keys;
  async function step(direction: -1 | 1): Promise<void> {
    try {
      const of = draft.value;
      const fromMs = of === null ? atMs : direction < 0 ? of.fromMs : of.toMs;
      const label = await nextLabel(target, fromMs + (of === null ? 0 : direction * 1), direction);
      if (label === null) return;
      draft.value = draftOfLabel(label);
      if (draft.value.fromMs < view.fromMs || draft.value.toMs > view.toMs) show(viewAbout(view, draft.value));
    } catch (error) {
      complain(error);
    }
  }
  const middleMs = (view.fromMs + view.toMs) / 2;
  const selected = (run: () => unknown) => () => (draft.value === null ? false : run());
  useKeys([
    { keys: ["ArrowLeft", "ArrowRight"], words: say.pan, run: ({ key }) => show(moved(view, key === "ArrowLeft" ? -0.25 : 0.25)) },
    { keys: ["+", "=", "-"], words: say.zoom, run: ({ key }) => show(zoomed(view, key === "-" ? 2 : 0.5, middleMs)) },
    { keys: ["0"], words: say.fit, run: () => show(spanTo(zone, "night", Math.min(lastDay(zone, view), zone.dayAt(nowMs(), 12) + 1))) },
    { keys: ["n", "p"], words: say.next, run: ({ key }) => void step(key === "p" ? -1 : 1) },
    { keys: ["u"], words: say.review, run: review },
    {
      keys: ["a"],
      words: say.add,
      run: () => {
        draft.value = draftAt(atMs, data);
      },
    },
    { keys: ["g"], words: say.goTo, run: () => document.querySelector<HTMLInputElement>("#go-to-date")?.focus() },
    {
      keys: ["Enter"],
      words: say.edit,
      // On a button it presses the button.
      run: ({ target: on }) =>
        draft.value === null || (on instanceof HTMLElement && on.closest("button, a, summary, input") !== null)
          ? false
          : void saveDraft(target).then(again),
    },
    { keys: ["Delete"], words: say.remove, run: selected(() => void removeDraft().then(again)) },
    {
      keys: ["Escape"],
      words: say.leave,
      run: selected(() => {
        draft.value = null;
      }),
    },
  ]);
}

import type { ComponentChildren } from "preact";
import { words } from "../../words/words.ts";

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly isCurrent: boolean;
  readonly children: ComponentChildren;
}

/** One step: done, next, or later; each can be opened at any time. */
export function Step({ number, title, isDone, isCurrent, children }: StepProps) {
  const say = words.firstRun;
  const state = isDone ? say.done : isCurrent ? say.next : say.later;
  return (
    <li class={isDone ? "step done" : isCurrent ? "step current" : "step"} aria-current={isCurrent ? "step" : undefined}>
      <details open={isCurrent}>
        <summary>
          <span class="step-mark" aria-hidden="true">
            {isDone ? "✓" : number}
          </span>
          <span class="step-title">{title}</span>
          <span class="second">{state}</span>
        </summary>
        <div class="step-body">{children}</div>
      </details>
    </li>
  );
}

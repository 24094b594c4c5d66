import type { ComponentChildren } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import type { Asked } from "../client/asked.ts";
import { link } from "../client/live.ts";
import { stamp } from "../words/times.ts";
import { words } from "../words/words.ts";
import { FaultNote } from "./fault-note.tsx";

export interface CardProps<T> {
  readonly title: string;
  readonly asked: Asked<T>;
  /** What it looks like with data. */
  readonly children: (data: T) => ComponentChildren;
  /** What is absent, why, and what to do; null when there is something to show. */
  readonly empty?: (data: T) => ComponentChildren | null;
  /** What works worse than it should, above the content. */
  readonly degraded?: ComponentChildren;
  /** Buttons beside the title. */
  readonly actions?: ComponentChildren;
  /** About how high the content will be, px: the place is kept while it loads. */
  readonly height?: number;
  readonly class?: string;
}

const SKELETON_AFTER_MS = 150;

/** A card is loading, empty, failed, stale or degraded, or simply shows what it has; never blank without a reason. */
export function Card<T>({ title, asked, children, empty, degraded, actions, height = 96, class: look = "" }: CardProps<T>) {
  const id = useId();
  const { data, fault } = asked;
  const isStale = data !== null && (fault !== null || link.value === "away");
  return (
    <section class={`card ${look}`} aria-labelledby={id} aria-busy={data === null && fault === null}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      {degraded}
      {data === null ? (
        fault === null ? (
          <Skeleton height={height} />
        ) : (
          <FaultNote fault={fault} retry={asked.retry} />
        )
      ) : (
        <>
          {isStale && <Stale asked={asked} />}
          <div class={isStale ? "stale" : undefined}>{empty?.(data) ?? children(data)}</div>
        </>
      )}
    </section>
  );
}

function Stale({ asked: { asOfMs, fault, retry } }: { readonly asked: Asked<unknown> }) {
  const since = asOfMs === null ? "" : stamp(asOfMs);
  return (
    <p class="stale-note" role="status">
      {fault === null || fault.status === 0 ? words.states.staleAway(since) : words.states.staleFault(since, fault.detail)}{" "}
      <button type="button" class="plain" onClick={retry}>
        {words.states.retry}
      </button>
    </p>
  );
}

/** Nothing at first, so that what comes at once does not flicker. */
function Skeleton({ height }: { readonly height: number }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={isShown ? "skeleton shown" : "skeleton"} style={{ height: `${height}px` }}>
      <span class="hidden">{words.states.loading}</span>
    </div>
  );
}

/** What an empty card says: what is absent, why, and one thing to do. */
export function Empty({ children, action }: { readonly children: ComponentChildren; readonly action?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}

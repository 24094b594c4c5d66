import { useEffect, useRef, useState } from "preact/hooks";
import { useAsked } from "../../client/asked.ts";
import { get, type Item } from "../../client/client.ts";
import { nameInWords } from "../../words/features.ts";
import { words } from "../../words/words.ts";

const KEPT = "ml-data-layer.lanes";
export const MOST_LANES = 24;
const USUAL = 10;

/** The entities that this browser's person has chosen; null = the usual ones. */
export function chosenLanes(): readonly string[] | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as unknown;
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string").slice(0, MOST_LANES) : null;
  } catch {
    return null;
  }
}

function keep(ids: readonly string[] | null): void {
  try {
    if (ids === null) localStorage.removeItem(KEPT);
    else localStorage.setItem(KEPT, JSON.stringify(ids));
  } catch {
    // It holds until the page is left.
  }
}

/** Presence, motion, doors and the like, the busiest of them, an area after the other. */
export function usualLanes(entities: readonly Item<"/entities">[]): string[] {
  return entities
    .filter(
      ({ kind, unit, eventCount, isPresent, domain }) =>
        kind !== "numeric" && unit === null && eventCount > 0 && isPresent && !domain.startsWith("input_"),
    )
    .toSorted((a, b) => b.eventCount - a.eventCount)
    .slice(0, USUAL)
    .toSorted((a, b) => ((a.area ?? "~") < (b.area ?? "~") ? -1 : (a.area ?? "~") > (b.area ?? "~") ? 1 : a.entityId < b.entityId ? -1 : 1))
    .map(({ entityId }) => entityId);
}

interface LaneChoiceProps {
  readonly shown: readonly string[];
  readonly choose: (ids: readonly string[] | null) => void;
}

/** A button, and the list of entities behind it. */
export function LaneChoice({ shown, choose }: LaneChoiceProps) {
  const say = words.timeline;
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [filter, setFilter] = useState("");
  const asked = useAsked(isOpen ? `entities ${filter}` : null, (signal) =>
    get("/entities", { query: { limit: 200, ...(filter !== "" && { words: filter }) }, signal }),
  );
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  function toggle(id: string, isWanted: boolean): void {
    const next = isWanted ? [...shown, id].slice(-MOST_LANES) : shown.filter((each) => each !== id);
    keep(next);
    choose(next);
  }
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {say.choose}
      </button>
      {isOpen && (
        <dialog ref={dialog} aria-labelledby="lanes-title" onClose={() => setOpen(false)}>
          <h2 id="lanes-title">{say.chooseTitle}</h2>
          <p class="second">{say.chooseHow(MOST_LANES)}</p>
          <p>
            <label for="lane-filter">{say.filter}</label>{" "}
            <input id="lane-filter" type="search" value={filter} onInput={({ currentTarget }) => setFilter(currentTarget.value)} />
          </p>
          <ul class="lane-list">
            {(asked.data?.items ?? []).map(({ entityId, name, area }) => (
              <li key={entityId}>
                <label>
                  <input
                    type="checkbox"
                    checked={shown.includes(entityId)}
                    onInput={({ currentTarget }) => toggle(entityId, currentTarget.checked)}
                  />
                  <span>
                    {name ?? nameInWords(entityId)}{" "}
                    <span class="second">{area === null ? entityId : `${nameInWords(area)}, ${entityId}`}</span>
                  </span>
                </label>
              </li>
            ))}
            {asked.data?.items.length === 0 && <li>{say.noEntities}</li>}
          </ul>
          <p class="actions">
            <button type="button" class="primary" onClick={() => dialog.current?.close()}>
              {say.close}
            </button>
            <button
              type="button"
              onClick={() => {
                keep(null);
                choose(null);
              }}
            >
              {say.usual}
            </button>
          </p>
        </dialog>
      )}
    </>
  );
}

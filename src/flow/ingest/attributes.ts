import { type Attributes, attributeFacts, attributeText, TOO_LONG } from "../../core/events/attribute.ts";
import { attributeId, attributeOf, baseOf, type EntityFacts } from "../../core/events/entity.ts";
import type { HistoryPage, HistoryRequest, HomePort, HomeState, StateChange } from "./ports.ts";

/** The attributes of an entity that are stored as entities of their own. */
export type AttributesOf = (entityId: string) => readonly string[];

export interface AttributeHome extends HomePort {
  /** The change itself, then the changes of chosen attributes that it brought. */
  spread(change: StateChange, take: (change: StateChange) => void): void;
  /** The states themselves, each with those of its chosen attributes behind it. */
  spreadStates(states: readonly HomeState[]): HomeState[];
  /** Values that were too long to be stored. */
  tooLong(): number;
}

/**
 * A home in which chosen attributes are entities of their own (`climate.living#temperature`): live, in the newest states, and in history, from
 * the very same rows. Such a row is there where the value differs from that of the row before it, or where nothing is known before it.
 */
export function withAttributes(
  home: HomePort,
  attributesOf: AttributesOf,
  onTooLong: (entityId: string) => void = () => undefined,
): AttributeHome {
  let tooLong = 0;
  const told = new Set<string>();

  function countTooLong(entityId: string): void {
    tooLong += 1;
    if (told.has(entityId)) return;
    told.add(entityId);
    onTooLong(entityId);
  }

  function spread(change: StateChange, take: (change: StateChange) => void): void {
    take(change);
    for (const name of attributesOf(change.entityId)) {
      const state = attributeText(change.attributes, name);
      if (change.attributesBefore != null && state === attributeText(change.attributesBefore, name)) continue;
      const entityId = attributeId(change.entityId, name);
      if (isTooLong(state, change.attributes, name)) countTooLong(entityId);
      const { updatedUs } = change;
      take({ entityId, state, changedUs: updatedUs, updatedUs, userId: null });
    }
  }
  return {
    tooLong: () => tooLong,
    subscribe: (onChange) => home.subscribe(onChange),
    spread,
    spreadStates,
    states: async () => spreadStates(await home.states()),
    statisticIds: () => home.statisticIds(),
    statistics: (request) => home.statistics(request),
    async history(request) {
      const { plain, named } = split(request);
      const pages: HistoryPage[] = [];
      if (plain.length > 0) pages.push(await home.history({ ...request, entityIds: plain }));
      if (named.size > 0) pages.push(await home.history({ ...request, entityIds: [...named.keys()], attributes: named }));
      if (pages.length === 1 && named.size === 0) return pages[0]!;
      const wanted = new Set(request.entityIds);
      const events = pages.flatMap((page) => page.events).filter(({ entityId }) => wanted.has(entityId));
      return { events, rows: pages.reduce((sum, page) => sum + page.rows, 0), valued: pages.flatMap((page) => page.valued ?? []) };
    },
  };

  function spreadStates(states: readonly HomeState[]): HomeState[] {
    return states.flatMap((state) => [state, ...attributesOf(state.entityId).map((name) => newestOf(state, name))]);
  }

  /**
   * The value's own row may be long past, but it held when the entity was last updated. A microsecond later, so that it can never take the
   * place of the row that brought it.
   */
  function newestOf(state: HomeState, name: string): HomeState {
    const atUs = state.updatedUs + 1;
    const entityId = attributeId(state.entityId, name);
    const text = attributeText(state.attributes, name);
    if (isTooLong(text, state.attributes, name)) countTooLong(entityId);
    return { entityId, state: text, changedUs: atUs, updatedUs: atUs, userId: null };
  }
}

function isTooLong(text: string, attributes: Attributes | null | undefined, name: string): boolean {
  return text === TOO_LONG && attributes?.[name] !== TOO_LONG;
}

/** Attributes cost the recorder much, so they are asked for of those entities alone. */
function split({ entityIds }: HistoryRequest): { readonly plain: string[]; readonly named: Map<string, string[]> } {
  const named = new Map<string, string[]>();
  for (const entityId of entityIds) {
    const attribute = attributeOf(entityId);
    if (attribute === null) continue;
    const base = baseOf(entityId);
    named.set(base, [...(named.get(base) ?? []), attribute]);
  }
  return { plain: entityIds.filter((entityId) => attributeOf(entityId) === null && !named.has(entityId)), named };
}

/** The facts of entities with those of their chosen attributes. */
export function factsWithAttributes(
  facts: readonly EntityFacts[],
  states: readonly HomeState[],
  attributesOf: AttributesOf,
): readonly EntityFacts[] {
  const derived = facts.filter(({ entityId }) => attributesOf(entityId).length > 0);
  if (derived.length === 0) return facts;
  const attributes = new Map(states.map((state) => [state.entityId, state.attributes]));
  return [
    ...facts,
    ...derived.flatMap((of) => {
      return attributesOf(of.entityId).map((name) => attributeFacts(of, name, attributeText(attributes.get(of.entityId), name)));
    }),
  ];
}

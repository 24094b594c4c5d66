import {
  HELPER_DOMAINS,
  type HelperDomain,
  helperCard,
  type TargetHelpers,
  type WantedHelper,
  wantedHelpers,
} from "../core/labels/wanted-helpers.ts";
import { reasonOf } from "../core/reason.ts";

/** What setting up needs of Home Assistant. */
export interface HelperHome {
  entityIds(): Promise<ReadonlySet<string>>;
  /** Helpers of a domain that were made over the interface, with the value each start of Home Assistant puts back, if any. */
  listHelpers(domain: HelperDomain): Promise<readonly { readonly entityId: string; readonly initial: string | null }[]>;
  /** Makes a helper and answers the entity id that it was given. Rejects when Home Assistant refuses. */
  createHelper(wanted: WantedHelper): Promise<string>;
}

export interface HelperOutcome {
  readonly entityId: string;
  readonly target: string;
  readonly role: string;
  readonly outcome: "there" | "made" | "made under another id" | "refused";
  /** What the user should know or do. */
  readonly note: string | null;
}

export interface SetupReport {
  readonly helpers: readonly HelperOutcome[];
  /** YAML to paste into a dashboard. */
  readonly card: string;
}

const BY_HAND = "Make it by hand: Settings, Devices & services, Helpers, Create helper.";

/** Makes the helpers of the targets that Home Assistant does not have. A second call makes nothing. */
export async function setUpHelpers(home: HelperHome, targets: readonly TargetHelpers[]): Promise<SetupReport> {
  const known = await home.entityIds();
  const initial = await initialValues(home);
  const helpers: HelperOutcome[] = [];
  for (const wanted of wantedHelpers(targets)) {
    const { entityId, target, role } = wanted;
    const outcome = known.has(entityId)
      ? { outcome: "there" as const, note: initialNote(initial.get(entityId)) }
      : await make(home, wanted);
    helpers.push({ entityId, target, role, ...outcome });
  }
  return { helpers, card: helperCard(targets) };
}

async function make(home: HelperHome, wanted: WantedHelper): Promise<Pick<HelperOutcome, "outcome" | "note">> {
  try {
    const made = await home.createHelper(wanted);
    if (made === wanted.entityId) return { outcome: "made", note: null };
    const note = `Home Assistant made ${made}, because it keeps ${wanted.entityId} for an entity that is disabled or hidden. Name ${made} in the options, or free the id.`;
    return { outcome: "made under another id", note };
  } catch (error) {
    return { outcome: "refused", note: `${reasonOf(error)} ${BY_HAND}` };
  }
}

async function initialValues(home: HelperHome): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const domain of HELPER_DOMAINS) {
    // A home that does not list them is no reason to make none.
    const listed = await home.listHelpers(domain).catch(() => []);
    for (const { entityId, initial } of listed) if (initial !== null) values.set(entityId, initial);
  }
  return values;
}

function initialNote(initial: string | undefined): string | null {
  if (initial === undefined) return null;
  return `It has the initial value ${initial}, which each start of Home Assistant puts back over what was said. Remove it from the helper.`;
}

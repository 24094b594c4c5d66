/** The helpers of one target, as options name them; a switch is both start and end. */
export interface TargetHelpers {
  readonly name: string;
  readonly startEntity: string | null;
  readonly endEntity: string | null;
  readonly negativeEntity?: string | null;
  readonly excludedEntity?: string | null;
}

export const HELPER_DOMAINS = ["input_datetime", "input_button", "input_boolean"] as const;
export type HelperDomain = (typeof HELPER_DOMAINS)[number];
export type WantedRole = "start" | "end" | "switch" | "negative" | "excluded";

/** A helper that must be there for its target to be told. */
export interface WantedHelper {
  readonly entityId: string;
  readonly domain: HelperDomain;
  readonly target: string;
  readonly role: WantedRole;
  /** Home Assistant makes the id from it again. */
  readonly name: string;
  readonly icon: string;
}

const ICONS: Readonly<Record<WantedRole, string>> = {
  start: "mdi:ray-start-arrow",
  end: "mdi:ray-end",
  switch: "mdi:toggle-switch-variant",
  negative: "mdi:close-circle-outline",
  excluded: "mdi:eye-off-outline",
};

/** Every helper that the targets name, each once, in their order. */
export function wantedHelpers(targets: readonly TargetHelpers[]): WantedHelper[] {
  const wanted = new Map<string, WantedHelper>();
  for (const target of targets) {
    const isSwitch = target.startEntity !== null && target.startEntity === target.endEntity;
    const roles: [WantedRole, string | null | undefined][] = [
      [isSwitch ? "switch" : "start", target.startEntity],
      ["end", isSwitch ? null : target.endEntity],
      ["negative", target.negativeEntity],
      ["excluded", target.excludedEntity],
    ];
    for (const [role, entityId] of roles) {
      const domain = HELPER_DOMAINS.find((each) => entityId?.startsWith(`${each}.`));
      if (!entityId || domain === undefined || wanted.has(entityId)) continue;
      wanted.set(entityId, { entityId, domain, target: target.name, role, name: nameOf(entityId), icon: ICONS[role] });
    }
  }
  return [...wanted.values()];
}

/** `input_datetime.sleep_start` -> `Sleep start`. */
function nameOf(entityId: string): string {
  const words = entityId.slice(entityId.indexOf(".") + 1).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A dashboard card (YAML) with the helpers of each target under its name. Ids and names come from checked options, so none needs quotes. */
export function helperCard(targets: readonly TargetHelpers[]): string {
  const lines = ["type: entities", "title: Labels", "show_header_toggle: false", "entities:"];
  const helpers = wantedHelpers(targets);
  for (const target of new Set(helpers.map((helper) => helper.target))) {
    lines.push("  - type: section", `    label: ${target}`);
    for (const { entityId } of helpers.filter((helper) => helper.target === target)) lines.push(`  - entity: ${entityId}`);
  }
  return `${lines.join("\n")}\n`;
}

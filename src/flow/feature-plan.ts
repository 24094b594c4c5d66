import { CATALOGUE_DEFAULTS, type CatalogueFacts, chooseFeatures, type FeatureChoice } from "../core/features/catalogue.ts";
import { unmatchedPatterns } from "../core/features/findings.ts";
import { createGlobs } from "../core/features/glob.ts";
import type { Db } from "../store/db.ts";
import type { KnownEntity } from "../store/tables/entities.ts";
import { readFrequentStates } from "../store/tables/features.ts";
import { readHelperNames } from "../store/tables/labels.ts";
import { parsePattern } from "./ingest/pattern.ts";
import type { StageContext, StageOptions } from "./stage.ts";

export interface FeaturePlan {
  readonly choice: FeatureChoice;
  /** Patterns of the options that match nothing, in words. */
  readonly findings: readonly string[];
}

/** `binary_sensor.bed:*`, not `area:Kitchen`: a feature is named by its entity or group, a colon and what it says. */
const isOfFeatures = (pattern: string): boolean => pattern.includes(":") && !/^(?:domain|area|class):/u.test(pattern);
const isOfEntities = (pattern: string): boolean => !isOfFeatures(pattern);

/** What the catalogue makes of these entities under these options; changes nothing. */
export function planFeatures(
  context: { readonly reader: Db; readonly options: StageOptions },
  entities: readonly KnownEntity[],
): FeaturePlan {
  const { reader, options } = context;
  const { include, exclude, mirrors, entryDoors, weekendDays, maximum } = options.features;
  const states = new Map(readFrequentStates(reader).map((each) => [each.entity, each.states]));
  const facts = entities.map((entity): CatalogueFacts => ({ ...entity, states: states.get(entity.id) ?? [] }));
  const idsOf = (pattern: string): string[] => {
    const { matches } = parsePattern(pattern);
    return entities.filter(matches).map(({ entityId }) => entityId);
  };
  const named = [...options.include, ...include.filter(isOfEntities)];
  const choice = chooseFeatures(facts, {
    ...CATALOGUE_DEFAULTS,
    timeZone: options.timeZone,
    gridMs: options.gridMs,
    include: named.flatMap(idsOf),
    named,
    exclude: [...options.exclude, ...exclude.filter(isOfEntities)].flatMap(idsOf),
    includeFeatures: include.filter(isOfFeatures),
    excludeFeatures: exclude.filter(isOfFeatures),
    mirrors: mirrors.flatMap(idsOf),
    entryDoors: entryDoors.flatMap(idsOf),
    weekendDays,
    maximumFeatures: maximum,
    labelHelpers: readHelperNames(reader),
  });
  const names = [...choice.definitions, ...choice.leftOut.map(({ definition }) => definition)].map(({ name }) => name);
  const featuresOf = (pattern: string): string[] => names.filter(createGlobs([pattern]));
  const findings = unmatchedPatterns([
    { option: "features.include", patterns: include.filter(isOfEntities), meant: idsOf, noun: "entity" },
    { option: "features.include", patterns: include.filter(isOfFeatures), meant: featuresOf, noun: "feature" },
    { option: "features.exclude", patterns: exclude.filter(isOfEntities), meant: idsOf, noun: "entity" },
    { option: "features.exclude", patterns: exclude.filter(isOfFeatures), meant: featuresOf, noun: "feature" },
    { option: "features.mirrors", patterns: mirrors, meant: idsOf, noun: "entity" },
    { option: "features.entry_doors", patterns: entryDoors, meant: idsOf, noun: "entity" },
  ]);
  return { choice, findings };
}

/** Shows what the options name in vain, or that they no longer do. */
export async function noteFindings({ writer, clock }: StageContext, findings: readonly string[]): Promise<void> {
  if (findings.length === 0) await writer.write("clearDegraded", { code: "options_match_nothing" });
  else {
    await writer.write("markDegraded", {
      code: "options_match_nothing",
      sinceMs: clock.nowMs(),
      cause: findings.join(" "),
      effect: "These patterns choose nothing; all else goes on.",
      remedy: "See `features --list` for the names of entities and features, then correct the options and start again.",
    });
  }
}

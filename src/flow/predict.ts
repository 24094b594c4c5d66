import { readDefinition } from "../core/features/definition.ts";
import { type Artifact, parseArtifact } from "../core/models/clr/artifact.ts";
import { ClrFault } from "../core/models/clr/fault.ts";
import { sigmoid } from "../core/models/clr/logit.ts";
import { nextOnOff, type OnOff } from "../core/models/clr/on-off.ts";
import { createScorer } from "../core/models/clr/score.ts";
import { DAY_MS } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { type FeatureRow, featureRange, readFeatureRows, readFeatureSet } from "../store/tables/features.ts";
import { readTargets, type Target } from "../store/tables/labels.ts";
import { type Champion, lastScoredNo, type PredictionRow, readChampions, readOnOff } from "../store/tables/models.ts";
import { readReadiness } from "./readiness.ts";
import type { StageContext } from "./stage.ts";
import { createRowReader, type RowReader } from "./stored-rows.ts";

/** Windows older than this are not predicted any more after a time without the app. */
const CATCH_UP_MS = DAY_MS;
/** Shown where nothing was answered. */
const THRESHOLD = 0.5;
/** An answer further back than this says nothing of whether it is on now. */
const GOES_ON_WINDOWS = 3;
/** Contributions that are stored; all of them follow from the vector and the model. */
const MOST_CONTRIBUTIONS = 8;
/** With less of the model's features known there is no answer. */
const MINIMUM_COVERAGE = 0.5;
const STAGES = ["clock", "preview", "eligible"] as const;

/** Scores the feature rows that have no prediction yet with each target's serving model. */
export async function predict(context: StageContext): Promise<{ predictions: number }> {
  const { reader, writer, clock, options } = context;
  const newest = featureRange(reader);
  if (newest === null) return { predictions: 0 };
  const champions = new Map(readChampions(reader).map((champion) => [champion.targetId, champion]));
  const earliestNo = Math.ceil((clock.nowMs() - CATCH_UP_MS) / options.gridMs);
  const rows: PredictionRow[] = [];
  for (const target of readTargets(reader)) {
    if (target.retiredAtMs !== null) continue;
    const fromNo = Math.max(earliestNo, (lastScoredNo(reader, target.targetId) ?? -1) + 1);
    const stored = readFeatureRows(reader, fromNo, newest.lastNo);
    const champion = champions.get(target.targetId);
    // Until there is a model only the newest window says why there is no answer.
    if (champion === undefined) rows.push(...stored.slice(-1).map((row) => withoutModel(target, row, whyNoModel(context, target))));
    else rows.push(...scoreOrSay(context, target, champion, stored));
  }
  return { predictions: rows.length === 0 ? 0 : await writer.write("putPredictions", { rows, nowMs: clock.nowMs() }) };
}

/** A model that cannot be read has nothing to say, and takes no other target's word away; the next training takes its place. */
function scoreOrSay(context: StageContext, target: Target, champion: Champion, stored: readonly FeatureRow[]): PredictionRow[] {
  try {
    return score(context, target, champion, stored);
  } catch (error) {
    if (!(error instanceof ClrFault)) throw error;
    const reason = `model ${champion.modelVersion} cannot be used: ${error.message}`;
    return stored.slice(-1).map((row) => withoutModel(target, row, reason));
  }
}

function whyNoModel(context: StageContext, target: Target): string {
  const missing = readReadiness(context)[target.name]?.missing[0];
  return missing === undefined ? "no model yet" : `no model yet: ${missing}`;
}

function withoutModel(target: Target, row: FeatureRow, unavailableReason: string): PredictionRow {
  return {
    targetId: target.targetId,
    windowNo: row.windowNo,
    probability: null,
    isOn: null,
    threshold: THRESHOLD,
    stage: "clock",
    artifactId: null,
    coverage: row.coverage,
    unavailableReason,
    vectorJson: "[]",
  };
}

interface Serving {
  readonly champion: Champion;
  readonly artifact: Artifact;
  readonly places: readonly number[];
  /** Positions of the features that come from sensors. */
  readonly sensed: readonly number[];
  readonly logitOf: (values: ArrayLike<number>) => number;
  readonly rows: RowReader;
}

const serving = new WeakMap<Db, Map<number, Serving>>();

/** The target's model ready to score; read once, however many windows it serves. */
function servingModel(reader: Db, champion: Champion): Serving {
  const known = serving.get(reader) ?? new Map<number, Serving>();
  serving.set(reader, known);
  const found = known.get(champion.targetId);
  if (found?.champion.artifactId === champion.artifactId) return found;
  const artifact = parseArtifact(champion.artifactJson);
  const set = readFeatureSet(reader, champion.setId);
  if (set === null) throw new ClrFault("artifact invalid", `its feature set ${champion.setId} is not stored`);
  const groups = new Map(set.members.map((member) => [member.name, readDefinition(member.name, member.definition).group]));
  const made: Serving = {
    champion,
    artifact,
    places: placesOf(
      artifact,
      set.members.map((member) => member.name),
    ),
    sensed: artifact.feature_names.flatMap((name, k) => (groups.get(name) === "clock" ? [] : [k])),
    logitOf: createScorer(artifact),
    rows: createRowReader(reader, set),
  };
  known.set(champion.targetId, made);
  return made;
}

function score({ reader, options }: StageContext, target: Target, champion: Champion, stored: readonly FeatureRow[]): PredictionRow[] {
  const { gridMs } = options;
  const serving = servingModel(reader, champion);
  const { places, sensed, logitOf, rows } = serving;
  const stage = STAGES.find((each) => each === champion.stage) ?? "clock";
  let before = stored.length === 0 ? null : onOffBefore(reader, target.targetId, stored[0]!.windowNo);
  let answeredNo = stored[0]?.windowNo ?? 0;
  return stored.map((row): PredictionRow => {
    const values = rows.read(row.setId, row.valuesJson);
    const vector = Float64Array.from(places, (place) => values[place]!);
    const coverage = sensed.length === 0 ? 1 : sensed.reduce((count, k) => count + Number(!Number.isNaN(vector[k]!)), 0) / sensed.length;
    const isKnown = coverage >= MINIMUM_COVERAGE;
    const probability = isKnown ? sigmoid(logitOf(vector)) : null;
    if (row.windowNo - answeredNo > GOES_ON_WINDOWS) before = null;
    const onOff = probability === null ? null : nextOnOff(before, probability, row.windowNo * gridMs, gridMs);
    if (onOff !== null) {
      before = onOff;
      answeredNo = row.windowNo;
    }
    return {
      targetId: target.targetId,
      windowNo: row.windowNo,
      probability,
      isOn: onOff !== null && stage === "eligible" ? onOff.isOn : null,
      threshold: onOff?.threshold ?? THRESHOLD,
      stage,
      artifactId: champion.artifactId,
      coverage,
      unavailableReason: isKnown
        ? null
        : `only ${Math.round(coverage * 100)} % of the model's features are known, ${MINIMUM_COVERAGE * 100} % are needed`,
      vectorJson: JSON.stringify(Array.from(vector, (value) => (Number.isNaN(value) ? null : value))),
      contributionsJson: isKnown ? JSON.stringify(contributionsOf(serving.artifact, vector)) : null,
      onOffJson: onOff === null ? null : JSON.stringify(onOff),
    };
  });
}

function onOffBefore(reader: Db, targetId: number, windowNo: number): OnOff | null {
  const json = readOnOff(reader, targetId, windowNo - GOES_ON_WINDOWS, windowNo - 1);
  return json === null ? null : (JSON.parse(json) as OnOff);
}

/** coefficient * (value - training mean) in logits, the largest first; a missing value moves nothing. */
function contributionsOf({ model, feature_names, imputation }: Artifact, vector: Float64Array): [string, number][] {
  return feature_names
    .map((name, k): [string, number] => {
      const moved = model.coefficients[k]! * (vector[k]! - imputation[name]!);
      return [name, Number.isNaN(moved) ? 0 : Number(moved.toPrecision(4))];
    })
    .filter(([, moved]) => moved !== 0)
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]) || (a[0] < b[0] ? -1 : 1))
    .slice(0, MOST_CONTRIBUTIONS);
}

/** Where each feature of the model stands in its set. */
function placesOf(artifact: Artifact, names: readonly string[]): number[] {
  const place = new Map(names.map((name, index) => [name, index]));
  return artifact.feature_names.map((name) => {
    const found = place.get(name);
    if (found === undefined) throw new ClrFault("artifact invalid", `it names the feature ${name}, which its feature set does not hold`);
    return found;
  });
}

import { readDefinition } from "../../core/features/definition.ts";
import { type Effect, effectsOf, type Weighed } from "../../core/models/clr/effects.ts";
import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { readDefinitions } from "../tables/features.ts";
import { countModels, readModel, readModels, readModelTexts, type StoredModel, servedBefore } from "../tables/model-list.ts";
import { mapPage, type Page, type Paging, pageOf, utc, when } from "./page.ts";

export interface ModelItem extends Omit<StoredModel, "artifactId" | "createdAtMs" | "serves"> {
  readonly createdAtUtc: string;
  readonly serves: boolean;
}

export interface ModelPage extends Page<ModelItem> {
  /** The version that a rollback lets serve; null = there is none to go back to. */
  readonly rollsBackTo: number | null;
}

/** The models of a target that are kept, the newest first. */
export function pageOfModels(db: Db, { targetId, ...part }: Paging & { readonly targetId: number }): ModelPage {
  const before = servedBefore(db, targetId);
  const rollsBackTo = before === null ? null : (readModel(db, targetId, { artifactId: before })?.modelVersion ?? null);
  return { items: readModels(db, targetId, part).map(itemOf), total: countModels(db, targetId), ...part, rollsBackTo };
}

function itemOf({ artifactId: _, createdAtMs, serves, ...model }: StoredModel): ModelItem {
  return { ...model, createdAtUtc: isoMs(createdAtMs), serves: serves === 1 };
}

export interface ModelCard extends ModelItem {
  readonly report: Readonly<Record<string, unknown>>;
  readonly artifact: Readonly<Record<string, unknown>>;
  /** What its coefficients say, the weightiest first. */
  readonly effects: readonly Effect[];
}

/** The report card and the model itself; null where there is no such version. */
export function readModelCard(db: Db, { targetId, version }: { readonly targetId: number; readonly version: number }): ModelCard | null {
  const model = readModel(db, targetId, { version });
  if (model === null) return null;
  const { reportJson, artifactJson } = readModelTexts(db, model.artifactId);
  const artifact = documentOf(artifactJson);
  const definitions = readDefinitions(db).map(({ name, definition }) => readDefinition(name, definition));
  return { ...itemOf(model), report: documentOf(reportJson), artifact, effects: effectsOf(artifact as unknown as Weighed, definitions) };
}

export interface VerdictItem {
  readonly modelVersion: number;
  readonly saidAtUtc: string;
  readonly serves: boolean;
  readonly reason: string;
}

/** Every verdict on whether a model may serve, the newest first. */
export function pageOfVerdicts(db: Db, { targetId, ...paging }: Paging & { readonly targetId: number }): Page<VerdictItem> {
  const page = pageOf<Omit<VerdictItem, "serves"> & { readonly serves: number }>(
    db,
    {
      columns: `a.model_version AS modelVersion, ${utc("p.at_ms")} AS saidAtUtc, p.promoted AS serves, p.reason AS reason`,
      from: "promotions AS p JOIN clr_model_artifacts AS a ON a.id = p.artifact_id",
      order: "p.id DESC",
      where: [["p.target_id = ?", targetId]],
    },
    paging,
  );
  return mapPage(page, (item) => ({ ...item, serves: item.serves === 1 }));
}

function documentOf(json: string | null): Record<string, unknown> {
  return (JSON.parse(json ?? "{}") ?? {}) as Record<string, unknown>;
}

export interface TrainingItem {
  readonly id: number;
  readonly target: string;
  readonly status: string;
  readonly stage: string | null;
  readonly rowCount: number | null;
  readonly dayCount: number | null;
  readonly notes: string | null;
  readonly startedAtUtc: string;
  readonly finishedAtUtc: string | null;
  readonly modelVersion: number | null;
}

/** Trainings, the newest first. */
export function pageOfTrainings(db: Db, query: Paging & { readonly target?: string | undefined }): Page<TrainingItem> {
  return pageOf(
    db,
    {
      columns: `r.id AS id, t.name AS target, r.status AS status, r.stage AS stage, r.row_count AS rowCount, r.day_count AS dayCount, r.notes AS notes,
        ${utc("r.started_at_ms")} AS startedAtUtc, ${utc("r.finished_at_ms")} AS finishedAtUtc,
        (SELECT model_version FROM clr_model_artifacts AS a WHERE a.target_id = r.target_id AND a.run_id = r.id) AS modelVersion`,
      from: "clr_training_runs AS r JOIN targets AS t ON t.target_id = r.target_id",
      order: "r.id DESC",
      where: [when(query.target, (name) => ["t.name = ?", name])],
    },
    query,
  );
}

export interface ChangeRunItem {
  readonly id: number;
  readonly status: string;
  readonly startedAtUtc: string;
  readonly finishedAtUtc: string | null;
  readonly streamCount: number | null;
  readonly stepCount: number | null;
  readonly changeCount: number | null;
  readonly notes: string | null;
}

/** Looks for change points, the newest first. */
export function pageOfChangeRuns(db: Db, paging: Paging): Page<ChangeRunItem> {
  return pageOf(
    db,
    {
      columns: `id, status, ${utc("started_at_ms")} AS startedAtUtc, ${utc("finished_at_ms")} AS finishedAtUtc, stream_count AS streamCount,
        step_count AS stepCount, change_count AS changeCount, notes`,
      from: "bocpd_training_runs",
      order: "id DESC",
      where: [],
    },
    paging,
  );
}

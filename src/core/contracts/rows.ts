import { z } from "zod";
import { GAP_OUTCOMES, GAP_REASONS, GAP_WHYS } from "../events/gap.ts";
import { count, flag, id, instant, instantUs, jsonText, localDate, share, stage } from "./columns.ts";
import { artifactDocument, degradedDocument, exclusionsDocument, readinessDocument } from "./documents.ts";

const featureName = z.string().describe("stable and readable; the bare entity id for a feature that is its current value");
const featureValue = z.number().nullable().describe("raw, as models use it; NULL = not covered");
const setVersion = z.string().describe("number and hash of the feature set");
const targetName = z.string().describe("what is predicted, e.g. sleep");
const valueId = z.int().min(1).describe("grows with time; the same value has the same id in every view");

/**
 * One row of each version 1 view: column names in their order, types, units. The JSON Schema files beside the views are made from this.
 * A row may carry more columns at its end than a consumer knows, so objects are loose.
 */
export const CONTRACT_ROWS = {
  vw_clr_training_dataset: z.looseObject({
    label_id: id,
    feature_id: id,
    feature_name: featureName,
    feature_value: featureValue,
    window_end_utc: instant,
    label_end_utc: instant,
    local_date: localDate.describe("local day on which the label ends"),
    target: flag,
    target_name: targetName,
    window_start_utc: instant,
    feature_set_version: setVersion.describe("the set the window was computed with"),
  }),
  vw_clr_latest_model_artifact: z.looseObject({
    id,
    run_id: id,
    created_at_utc: instant,
    model_type: z.string(),
    feature_set_version: setVersion,
    artifact_json: jsonText(artifactDocument),
    target_name: targetName,
    model_version: z.int().min(1).describe("counts up per target"),
  }),
  vw_latest_feature_snapshot: z.looseObject({
    id: valueId,
    window_start_utc: instant.nullable().describe("NULL only while no window was computed"),
    window_end_utc: instant.nullable().describe("NULL only while no window was computed"),
    feature_set_version: setVersion.describe("the active set"),
    feature_name: featureName,
    feature_value: featureValue,
    computed_at_utc: instant.nullable().describe("NULL only while no window was computed"),
    coverage: share.nullable().describe("share of the look-back in which the value was known; NULL = not computed yet"),
  }),
  vw_bocpd_feature_stream: z.looseObject({
    id: valueId,
    ts_utc: instant.describe("end of the window"),
    feature_name: featureName,
    feature_value: featureValue,
    feature_set_version: setVersion,
  }),
  vw_bocpd_latest_state: z.looseObject({
    id,
    run_id: id,
    created_at_utc: instant.describe("when the state was saved"),
    hazard_rate: share.describe("probability of a change per step"),
    state_json: z.string().meta({ contentMediaType: "application/json" }).describe("summary of at most 1 KB"),
    stream_name: z.string(),
    model: z.string(),
    run_length_map: count.nullable().describe("likeliest number of steps since the last change"),
    expected_run_length: z.number().min(0).nullable().describe("steps"),
    change_probability: share.nullable().describe("probability of a change within the newest steps"),
    last_change_utc: instant.nullable().describe("NULL = no change reported yet"),
  }),
  vw_clr_latest_prediction: z.looseObject({
    target_name: targetName,
    probability: share.nullable().describe("calibrated; NULL = no answer, see unavailable_reason"),
    is_on: flag.nullable().describe("probability at or above threshold; NULL = no answer or the stage does not decide"),
    threshold: share
      .nullable()
      .describe("of this window: 0.4 while on and 0.6 while off, so that it does not flicker; 0.1 and 0.9 just after a switch"),
    predicted_at_utc: instant.nullable(),
    window_end_utc: instant.nullable(),
    model_version: z.int().min(1).nullable(),
    coverage: share.nullable().describe("share of the model's features that were known"),
    unavailable_reason: z
      .string()
      .nullable()
      .describe("`no prediction`, `stale` (window ended more than 3 windows ago) or the model's own reason"),
    stage: stage.nullable(),
    since_utc: instant
      .nullable()
      .describe(
        "when the present is_on began; NULL = is_on is NULL, or it was so already at the first answer after more than 3 windows without one",
      ),
    found_at_utc: instant
      .nullable()
      .describe("end of the window that told so, the first one after a hole: since_utc to here is the delay; NULL = is_on is NULL"),
  }),
  vw_clr_latest_training_result: z.looseObject({
    target_name: targetName,
    status: z.enum(["completed", "skipped", "refused", "failed", "none"]).describe("none = no run has finished yet"),
    row_count: count.nullable(),
    day_count: count.nullable().describe("labelled days"),
    notes: z.string().nullable().describe("in words: what is missing, or why a model was refused"),
    started_at_utc: instant.nullable(),
    finished_at_utc: instant.nullable(),
    model_type: z.string().nullable(),
    feature_set_version: setVersion.nullable(),
    log_loss: z.number().min(0).nullable().describe("nats per window on held-out days, walk-forward from eight days on"),
    brier: share.nullable(),
    auc: share.nullable(),
    ece: share.nullable(),
    skill_vs_clock: z.number().max(1).nullable().describe("1 - log loss / log loss of the clock alone"),
  }),
  vw_bocpd_changes: z.looseObject({
    stream_name: z.string(),
    change_at_utc: instant.describe("likeliest start"),
    start_low_utc: instant,
    start_high_utc: instant,
    probability: share,
    before_mean: z.number().nullable(),
    after_mean: z.number().nullable(),
    detected_at_utc: instant,
    withdrawn: flag.describe("1 = later data took it back"),
    words: z.string().nullable().describe("the change as a sentence"),
    confirmed_at_utc: instant.nullable().describe("when the data had borne it out; what a person says of it is another matter"),
    cut_off_at_utc: instant.nullable().describe("since when the stream was silent, where it fell silent before that"),
  }),
  vw_health: z.looseObject({
    status: z.enum(["ok", "degraded", "starting", "down"]),
    degraded_reasons: jsonText(degradedDocument),
    events_total: count.describe("events ever stored; retention does not lower it"),
    entities_total: count.describe("entities ever seen"),
    labels_total: count.describe("rows of vw_labels"),
    features_total: count.describe("windows stored"),
    predictions_total: count.describe("predictions ever stored"),
    changes_total: count.describe("rows of vw_bocpd_changes"),
    gaps_open: count.describe("gaps still to be fetched"),
    last_event_at_utc: instant.nullable().describe("when the newest stored event happened"),
    last_feature_at_utc: instant.nullable().describe("when features were last computed"),
    last_label_at_utc: instant.nullable().describe("when a label was last captured"),
    last_train_at_utc: instant.nullable().describe("when training last finished"),
    last_change_step_at_utc: instant.nullable().describe("when change detection last stepped"),
    heartbeat_at_utc: instant.nullable(),
    connection: z.string().nullable().describe("to Home Assistant, in one word"),
    schema_version: z.string().nullable(),
    contract_version: z.string().nullable(),
    feature_set_version: setVersion.nullable().describe("the active set"),
    readiness: jsonText(readinessDocument),
    app_version: z.string().nullable(),
    connected_since_utc: instant.nullable(),
    last_retention_at_utc: instant.nullable(),
    events_dropped: count.describe("events that neither memory nor disk had room for; each is in a gap and fetched again"),
    events_from_future: count.describe("events that arrived more than 30 s before their own instant"),
    spilled_bytes: count.describe("events that wait on disk until the database can be written"),
    home_clock_ahead_ms: z.int().nullable().describe("Home Assistant's clock minus this machine's; NULL = not compared"),
    clock_jumped_at_utc: instant.nullable().describe("when this machine's clock last jumped"),
    pair_exclusions: jsonText(exclusionsDocument).describe("windows left out of training, by target and reason"),
    database_bytes: count.nullable().describe("length of the file; NULL = not looked at yet"),
    log_bytes: count.nullable().describe("length of the write-ahead log beside it"),
    unused_bytes: count.nullable().describe("pages of the file that are free"),
    bytes_per_event: z.number().nullable().describe("of raw_events, at the last nightly look"),
    growth_bytes_per_day: count.nullable().describe("what a day of events and windows adds, by the last seven days"),
    forecast_bytes: count.nullable().describe("length of the file when the limits of retention are reached"),
    disk_free_bytes: count.nullable(),
    written_bytes_per_day: count.nullable().describe("what this app wrote to its disk, over the last day or since its start"),
    last_backup_at_utc: instant.nullable(),
    last_backup_bytes: count.nullable(),
  }),
  vw_raw_events: z.looseObject({
    entity_id: z.string(),
    state: z.string(),
    occurred_at_utc: instant.describe("updated_at cut to milliseconds"),
    updated_at_utc: instantUs.describe("Home Assistant's last_updated"),
    source: z.enum(["live", "history", "statistics", "replay"]),
    known_at_utc: instant.describe("when this app, or for fetched rows Home Assistant, knew it"),
    from_future: flag.describe("1 = more than 30 s before its own instant arrived: a clock was wrong"),
  }),
  vw_labels: z.looseObject({
    target_name: targetName,
    local_date: localDate.describe("local day of the end"),
    start_utc: instant,
    end_utc: instant.describe("not part of the label: [start, end)"),
    time_zone: z.string(),
    kind: z.enum(["positive", "negative", "excluded"]),
    source: z.string(),
    captured_at_utc: instant,
    status: z.enum(["active", "rejected"]),
    reason: z.string().nullable().describe("why it was rejected, in words"),
  }),
  vw_gaps: z.looseObject({
    entity_id: z.string().nullable().describe("NULL = all entities"),
    from_utc: instant,
    to_utc: instant,
    reason: z.enum(GAP_REASONS).describe("why nobody listened"),
    outcome: z.enum(GAP_OUTCOMES),
    why: z.enum(GAP_WHYS).nullable().describe("why it could not be filled"),
    entities_unfilled: count.describe("of a gap filled partly: entities of which only the newest state is known"),
  }),
  vw_schedule_runs: z.looseObject({
    job: z.string(),
    due_at_utc: instant,
    started_at_utc: instant.nullable(),
    finished_at_utc: instant.nullable(),
    status: z
      .enum(["running", "completed", "failed", "skipped", "missed", "cancelled", "interrupted"])
      .describe(
        "skipped: the run before went on; missed: due while nobody was there; cancelled: took longer than its limit; interrupted: cut off",
      ),
    rows: count.nullable(),
    error: z.string().nullable(),
    attempts: count.describe("how often it was begun: more than once after it was cut off"),
  }),
} as const;

export type ContractName = keyof typeof CONTRACT_ROWS;

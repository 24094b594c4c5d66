import type { Db } from "../db.ts";
import { readHealthReport } from "../tables/overview.ts";

export interface PulsePrediction {
  readonly target: string;
  readonly probability: number | null;
  readonly isOn: boolean | null;
  readonly sinceUtc: string | null;
  readonly foundAtUtc: string | null;
  readonly stage: string | null;
  readonly windowEndUtc: string | null;
  readonly unavailableReason: string | null;
}

/** What changes from second to second, one part for each thing that somebody may be watching. */
export interface Pulse {
  readonly ingest: { readonly eventsTotal: number; readonly lastEventAtUtc: string | null };
  readonly predictions: readonly PulsePrediction[];
  readonly health: {
    readonly status: string;
    readonly connection: string | null;
    readonly degraded: readonly string[];
    readonly labelsTotal: number;
    readonly changesTotal: number;
    /** What people say of changes: how many they confirmed and rejected, and streams that they muted. */
    readonly changesSaid: { readonly confirmed: number; readonly rejected: number; readonly muted: number };
    readonly gapsOpen: number;
    readonly lastTrainAtUtc: string | null;
    /** Runs of jobs as far as they began and ended, and verdicts on models: what somebody else started or chose is news too. */
    readonly runs: string;
    readonly verdicts: number;
  };
}

/** No more run at once. */
const NEWEST_RUNS = 12;

export function readPulse(db: Db): Pulse {
  const { eventsTotal, lastEventAtUtc, degradedReasons, ...health } = readHealthReport(db);
  const { status, connection, labelsTotal, changesTotal, gapsOpen, lastTrainAtUtc } = health;
  const changesSaid = db.get<Pulse["health"]["changesSaid"]>(
    `SELECT count(*) FILTER (WHERE answer = 'confirmed') AS confirmed, count(*) FILTER (WHERE answer = 'rejected') AS rejected,
            (SELECT count(*) FROM muted_streams) AS muted FROM change_answers`,
  )!;
  const { runs, verdicts } = db.get<{ readonly runs: string | null; readonly verdicts: number | null }>(
    `SELECT (SELECT group_concat(id || status, ' ') FROM (SELECT id, status FROM schedule_runs ORDER BY id DESC LIMIT ${NEWEST_RUNS})) AS runs,
            (SELECT max(id) FROM promotions) AS verdicts`,
  )!;
  const predictions = db.all<Omit<PulsePrediction, "isOn"> & { readonly isOn: number | null }>(
    `SELECT target_name AS target, probability, is_on AS isOn, since_utc AS sinceUtc, found_at_utc AS foundAtUtc, stage, window_end_utc AS windowEndUtc,
            unavailable_reason AS unavailableReason
     FROM vw_clr_latest_prediction`,
  );
  return {
    ingest: { eventsTotal, lastEventAtUtc },
    predictions: predictions.map((row) => ({ ...row, isOn: row.isOn === null ? null : row.isOn === 1 })),
    health: {
      status,
      connection,
      degraded: degradedReasons.map(({ code }) => code),
      labelsTotal,
      changesTotal,
      changesSaid,
      gapsOpen,
      lastTrainAtUtc,
      runs: runs ?? "",
      verdicts: verdicts ?? 0,
    },
  };
}

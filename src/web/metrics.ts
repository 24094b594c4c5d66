import type { PulsePrediction } from "../store/pages/pulse.ts";
import type { HealthReport } from "../store/tables/overview.ts";
import { readinessOf } from "./readiness.ts";

/** What the server counts of its own answers. */
export interface RequestCounts {
  count(route: string, status: number, seconds: number): void;
  all(): Iterable<readonly [route: string, status: string, count: number, seconds: number]>;
}

export function createRequestCounts(): RequestCounts {
  const counts = new Map<string, { readonly route: string; readonly status: string; count: number; seconds: number }>();
  return {
    count(route, status, seconds) {
      const key = `${status} ${route}`;
      const found = counts.get(key) ?? { route, status: String(status), count: 0, seconds: 0 };
      counts.set(key, { ...found, count: found.count + 1, seconds: found.seconds + seconds });
    },
    all: () => [...counts.values()].map(({ route, status, count, seconds }) => [route, status, count, seconds] as const),
  };
}

export interface MetricFacts {
  /** Why the database was refused; null when it was not. */
  readonly refusal: string | null;
  /** Null while there is no open database. */
  readonly health: HealthReport | null;
  readonly predictions: readonly PulsePrediction[];
  readonly requests: RequestCounts;
}

export interface Metrics {
  readonly contentType: string;
  render(facts: MetricFacts): Promise<string>;
}

const PREFIX = "ml_data_layer_";
const seconds = (utc: string | null): number | null => (utc === null ? null : Date.parse(utc) / 1000);

/** Figures of the health report: name, help, value. Names that end in _total only grow while the database lives. */
const FIGURES: readonly (readonly [name: string, help: string, value: (health: HealthReport) => unknown])[] = [
  ["events_stored_total", "Events ever stored", (health) => health.eventsTotal],
  ["events_dropped_total", "Events that neither memory nor disk had room for", (health) => health["eventsDropped"]],
  ["predictions_stored_total", "Predictions ever stored", (health) => health.predictionsTotal],
  ["entities", "Entities ever seen", (health) => health.entitiesTotal],
  ["labels", "Labels that stand or were turned down", (health) => health.labelsTotal],
  ["feature_windows", "Windows of features stored", (health) => health.featuresTotal],
  ["changes", "Reported changes", (health) => health.changesTotal],
  ["gaps_open", "Spans that were missed and still have to be fetched", (health) => health.gapsOpen],
  ["connected", "1 while Home Assistant is connected", (health) => Number(health.connection === "connected")],
  ["last_event_timestamp_seconds", "When the newest event happened", (health) => seconds(health.lastEventAtUtc)],
  ["last_feature_timestamp_seconds", "When features were computed last", (health) => seconds(health.lastFeatureAtUtc)],
  ["last_training_timestamp_seconds", "When a model was trained last", (health) => seconds(health.lastTrainAtUtc)],
  ["last_backup_timestamp_seconds", "When the last backup was made", (health) => seconds(health.lastBackupAtUtc)],
  ["heartbeat_timestamp_seconds", "The app's last sign of life in the database", (health) => seconds(health.heartbeatAtUtc)],
  ["database_bytes", "Length of the database", (health) => health.databaseBytes],
  ["database_log_bytes", "Length of the write-ahead log", (health) => health.logBytes],
  ["database_forecast_bytes", "Length of the database at the limits of retention", (health) => health.forecastBytes],
  ["disk_free_bytes", "Free space on the database's disk", (health) => health.diskFreeBytes],
  ["spilled_bytes", "Events that wait on disk to be stored", (health) => health["spilledBytes"]],
  [
    "home_clock_ahead_seconds",
    "Home Assistant's clock minus this machine's",
    (health) => Number(health["homeClockAheadMs"] ?? Number.NaN) / 1000,
  ],
];

/** Gauges that the library calls by names of counters. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Loaded at the first question: a home that nobody scrapes pays nothing. */
export async function loadMetrics(): Promise<Metrics> {
  const { Counter, collectDefaultMetrics, Gauge, Registry } = await import("prom-client");
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  for (const name of MISNAMED) ofProcess.removeSingleMetric(name);

  return {
    contentType: ofProcess.contentType,
    async render({ health, refusal, predictions, requests }) {
      const own = new Registry();
      // A figure that nobody knows yet is left out.
      const put = (
        name: string,
        help: string,
        series: readonly (readonly [labels: Record<string, string>, value: number | null])[],
      ): void => {
        const known = series.flatMap(([labels, value]) => (value === null || !Number.isFinite(value) ? [] : [[labels, value] as const]));
        if (known.length === 0) return;
        const options = { name: `${PREFIX}${name}`, help, labelNames: Object.keys(known[0]![0]), registers: [own] };
        const metric = name.endsWith("_total") ? new Counter(options) : new Gauge(options);
        for (const [labels, value] of known) metric.inc(labels, value);
      };
      put("status", "1 for the status that the app has", [[{ status: readinessOf(health, refusal).status }, 1]]);
      if (health !== null) {
        for (const [name, help, value] of FIGURES) put(name, help, [[{}, numberOf(value(health))]]);
        put(
          "degraded",
          "1 for each thing that is not as it should be",
          health.degradedReasons.map(({ code }) => [{ code }, 1]),
        );
      }
      put(
        "probability",
        "Newest probability of each target",
        predictions.map(({ target, probability }) => [{ target }, probability]),
      );
      const answers = [...requests.all()];
      put(
        "http_requests_total",
        "Answered requests",
        answers.map(([route, status, count]) => [{ route, status }, count]),
      );
      put(
        "http_request_seconds_total",
        "Time that answering took",
        answers.map(([route, status, , spent]) => [{ route, status }, spent]),
      );
      return `${await own.metrics()}\n${await ofProcess.metrics()}`;
    },
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

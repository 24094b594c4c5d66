/** What a report card holds, as far as this screen tells it. Models of older versions hold less. */
export interface Report {
  readonly logLoss: number | null;
  readonly brier: number | null;
  readonly auc: number | null;
  readonly ece: number | null;
  readonly slope: number | null;
  readonly averagePrecision: number | null;
  /** Of the held-out days: minutes by which start and end were found too early or late. */
  readonly nights: Nights | null;
  readonly skillVsClock: number | null;
  readonly skillVsBaseRate: number | null;
  /** Why the training was made. */
  readonly why: string | null;
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly bins: readonly Bin[];
  /** The worst first. */
  readonly hardest: readonly { readonly day: number; readonly logLoss: number }[];
  readonly drifted: readonly string[];
}

export interface Nights {
  readonly nights: number;
  readonly missed: number;
  readonly invented: number;
  readonly start: MinutesOff | null;
  readonly end: MinutesOff | null;
}

interface MinutesOff {
  readonly median: number;
  readonly worst: number;
}

export interface Bin {
  readonly said: number;
  readonly came: number;
  readonly count: number;
  /** Where the true share lies at 95 %; null where that is not known. */
  readonly low: number | null;
  readonly high: number | null;
}

const MOST_DAYS = 3;

export function readReport(report: Readonly<Record<string, unknown>>): Report {
  return {
    logLoss: number(report["log_loss"]),
    brier: number(report["brier"]),
    auc: number(report["auc"]),
    ece: number(report["ece"]),
    slope: number(report["calibration_slope"]),
    averagePrecision: number(report["average_precision"]),
    nights: nightsOf(record(report["nights"])),
    skillVsClock: number(report["skill_vs_clock"]),
    skillVsBaseRate: number(report["skill_vs_base_rate"]),
    why: typeof report["why"] === "string" ? report["why"] : null,
    missing: texts(report["missing"]),
    notes: texts(record(report["selection"])["notes"]),
    bins: list(report["reliability"]).flatMap(binOf),
    hardest: list(report["per_day"])
      .flatMap((each) => {
        const [day, logLoss] = [number(each["day"]), number(each["logLoss"])];
        return day === null || logLoss === null ? [] : [{ day, logLoss }];
      })
      .sort((a, b) => b.logLoss - a.logLoss)
      .slice(0, MOST_DAYS),
    drifted: list(record(report["drift"])["features"]).flatMap(({ feature, hasDrifted }) =>
      hasDrifted === true && typeof feature === "string" ? [feature] : [],
    ),
  };
}

function nightsOf(nights: Readonly<Record<string, unknown>>): Nights | null {
  const [count, missed, invented] = [number(nights["nights"]), number(nights["missed"]), number(nights["invented"])];
  if (count === null || missed === null || invented === null) return null;
  const offOf = (value: unknown): MinutesOff | null => {
    const [median, worst] = [number(record(value)["median"]), number(record(value)["worst"])];
    return median === null || worst === null ? null : { median, worst };
  };
  return { nights: count, missed, invented, start: offOf(nights["start_minutes"]), end: offOf(nights["end_minutes"]) };
}

function binOf(bin: Readonly<Record<string, unknown>>): Bin[] {
  const [said, came, count] = [number(bin["meanProbability"]), number(bin["positiveShare"]), number(bin["count"])];
  if (said === null || came === null || count === null || count === 0) return [];
  const error = number(bin["standardError"]);
  const reach = error === null || error === 0 ? null : 1.96 * error;
  return [
    { said, came, count, low: reach === null ? null : Math.max(0, came - reach), high: reach === null ? null : Math.min(1, came + reach) },
  ];
}

/** Whether it is too sure of itself, too timid, or about right: by the slope of the calibration line. */
export function mannerOf(slope: number | null): "unknown" | "bold" | "timid" | "right" {
  if (slope === null) return "unknown";
  return slope < 0.8 ? "bold" : slope > 1.25 ? "timid" : "right";
}

const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? value.map(record) : []);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === "string") : []);

import { reasonOf } from "../core/reason.ts";
import { readPairExclusions, readTargets, type Target } from "../store/tables/labels.ts";
import { CUT_OFF, type FinishedRun } from "../store/tables/models.ts";
import { readDriftMemory, settleDrift, withDrift } from "./drift-watch.ts";
import { type Learned, learnTarget } from "./learn-target.ts";
import { noteReadiness } from "./readiness.ts";
import { Cancelled, type StageContext } from "./stage.ts";

export interface TrainInput {
  /** One target; default all that are configured. */
  readonly target?: string;
  /** Select and report, but change nothing. */
  readonly dryRun?: boolean;
  /** What asked for it, in words; a drift that waits for an answer goes before. */
  readonly why?: string;
}

export interface TrainResult {
  readonly target: string;
  readonly status: FinishedRun["status"];
  readonly stage: string;
  readonly why: string;
  readonly notes: string;
  readonly logLoss: number | null;
  readonly skillVsClock: number | null;
}

interface Failure {
  readonly target: string;
  readonly error: unknown;
}

/** One or more targets could not be trained; the others were. */
class TrainingFault extends Error {
  /** Of the first failure that has one, so that a damaged file is still known for what it is. */
  readonly code: string;

  constructor(failures: readonly Failure[], trained: readonly string[]) {
    const words = failures.map(({ target, error }) => `${target}: ${reasonOf(error)}`).join("; ");
    super(trained.length === 0 ? words : `${words} (trained all the same: ${trained.join(", ")})`, { cause: failures[0]?.error });
    this.name = "TrainingFault";
    this.code = failures.map(({ error }) => codeOf(error)).find((code) => code !== undefined) ?? "target failed";
  }
}

/**
 * Trains every target on its pairs. Run row, artifact and champion change of a target are written together or not at all; one that fails does
 * not stop the next. @throws TrainingFault after the last, when one or more failed; Cancelled
 */
export async function train(context: StageContext, input: TrainInput): Promise<TrainResult[]> {
  const targets = readTargets(context.reader).filter(({ name, retiredAtMs }) =>
    input.target === undefined ? retiredAtMs === null : input.target === name,
  );
  if (targets.length === 0 && input.target !== undefined) throw new RangeError(`there is no target ${input.target}`);
  const results: TrainResult[] = [];
  const failures: Failure[] = [];
  for (const target of targets) {
    try {
      results.push(await trainTarget(context, target, input));
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      failures.push({ target: target.name, error });
    }
  }
  if (failures.length > 0)
    throw new TrainingFault(
      failures,
      results.map(({ target }) => target),
    );
  return results;
}

async function trainTarget(context: StageContext, target: Target, input: TrainInput): Promise<TrainResult> {
  const { writer, clock } = context;
  const isDryRun = input.dryRun === true;
  const startedAtMs = clock.nowMs();
  const pending = readDriftMemory(context, target)?.pending ?? null;
  const why = pending === null ? (input.why ?? "asked for by hand") : `drift: ${pending}`;
  const runId = isDryRun ? 0 : await writer.write("startTrainingRun", { targetId: target.targetId, startedAtMs });
  const outcome = (status: FinishedRun["status"], run: Partial<FinishedRun> & Pick<FinishedRun, "notes">): FinishedRun => ({
    runId,
    status,
    stage: null,
    rowCount: 0,
    dayCount: 0,
    modelType: null,
    setId: null,
    exclusions: readPairExclusions(context.reader, target.targetId),
    artifact: null,
    ...run,
    report: { why, ...(run.report as object | undefined) },
    finishedAtMs: clock.nowMs(),
  });
  // Where not even a failure can be written, the target's next run says that this one ended without a word.
  const fail = async (notes: string): Promise<void> => {
    if (!isDryRun) await writer.write("finishTrainingRun", outcome("failed", { notes })).catch(() => undefined);
  };
  let learned: Learned;
  try {
    learned = learnTarget(context, target, startedAtMs, outcome);
    if (!isDryRun) await writer.write("finishTrainingRun", learned.run);
  } catch (error) {
    const isCancelled = context.isCancelled();
    await fail(isCancelled ? CUT_OFF.cancelled : reasonOf(error));
    throw isCancelled ? new Cancelled("training") : error;
  }
  if (!isDryRun) {
    // Only a model answers a drift: after a training that was skipped or refused it is still to be answered.
    if (learned.run.status === "completed") await settleDrift(context, target);
    await noteReadiness(context, target.name, withDrift(context, target, learned.readiness));
  }
  const report = learned.run.report as { log_loss?: number | null; skill_vs_clock?: number | null };
  return {
    target: target.name,
    status: learned.run.status,
    stage: learned.run.stage ?? "none",
    why,
    notes: learned.run.notes,
    logLoss: report.log_loss ?? null,
    skillVsClock: report.skill_vs_clock ?? null,
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

import { useEffect } from "preact/hooks";
import { type Asked, useAsked } from "../client/asked.ts";
import { type Answer, get, post } from "../client/client.ts";
import { may, me } from "../client/session.ts";
import { complain, say } from "../shell/toast.tsx";
import { share as shareText } from "../words/numbers.ts";
import { words } from "../words/words.ts";
import { MayNot } from "./may-not.tsx";
import { Time } from "./time.tsx";

const LOOK_EVERY_MS = 1000;

interface JobRunProps {
  readonly job: string;
  /** What the button says. */
  readonly label: string;
  /** What it is called where the label alone would not tell it from others. */
  readonly name?: string;
  readonly isPrimary?: boolean;
  /** Called once a run that was seen has ended. */
  readonly onEnd?: () => void;
}

/** The jobs as they stand now. */
export function useJobs(): Asked<Answer<"GET", "/schedules">> {
  return useAsked("schedules", (signal) => get("/schedules", { signal }), ["health"]);
}

/** Runs a job now, shows how far it is, and cancels it. */
export function JobRun(props: JobRunProps) {
  return <JobControl {...props} asked={useJobs()} />;
}

/** The same for who asks for the jobs anyway. */
export function JobControl({
  job,
  label,
  name = label,
  isPrimary = false,
  onEnd,
  asked,
}: JobRunProps & { readonly asked: ReturnType<typeof useJobs> }) {
  const state = asked.data?.items.find((each) => each.job === job) ?? null;
  const isRunning = state !== null && state.runningSinceUtc !== null;
  const retry = asked.retry;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(retry, LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      onEnd?.();
    };
  }, [isRunning]);

  async function run(): Promise<void> {
    try {
      await post("/schedules/:job/run", null, { params: { job } });
      retry();
    } catch (error) {
      complain(error);
    }
  }
  async function cancel(): Promise<void> {
    try {
      const { wasRunning } = await post("/schedules/:job/cancel", null, { params: { job } });
      say(wasRunning ? words.job.cancelled : words.job.ranOut);
      retry();
    } catch (error) {
      complain(error);
    }
  }

  if (me.value !== null && !may("admin")) return <MayNot />;
  if (isRunning) {
    return (
      <div class="job-run" role="status">
        <progress max={1} {...(state.share !== null && { value: state.share })} aria-label={name} />
        <p>
          {words.job.running} {state.share !== null && shareText(state.share)}{" "}
          {state.runningSinceUtc !== null && (
            <span class="second">
              <Time utc={state.runningSinceUtc} as="ago" />
            </span>
          )}
        </p>
        <button type="button" onClick={() => void cancel()}>
          {words.job.cancel}
        </button>
      </div>
    );
  }
  return (
    <button type="button" class={isPrimary ? "primary" : undefined} aria-label={name} onClick={() => void run()}>
      {label}
    </button>
  );
}

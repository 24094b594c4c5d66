import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/reason.ts";
import type { AppReports } from "../runtime/apps/app-lane.ts";
import type { Log } from "../runtime/log.ts";
import type { Markers } from "./markers.ts";

/** Lines of an app that are logged within a second; more is counted. */
const LINES_PER_SECOND = 50;

/** What apps say and how they stand: in the log, and in health while something is wrong. */
export function appReports(
  { markers, log, clock }: { readonly markers: Markers; readonly log: Log; readonly clock: Clock },
  folder: string,
): { readonly reports: AppReports; readonly onFindings: (findings: readonly string[]) => void } {
  const lines = new Map<string, { sinceMs: number; count: number; left: number }>();
  const failed = (error: unknown): void => log.error("apps", { reason: reasonOf(error) });

  return {
    reports: {
      log(app, level, text) {
        const nowMs = clock.nowMs();
        const line = lines.get(app) ?? { sinceMs: nowMs, count: 0, left: 0 };
        lines.set(app, line);
        if (nowMs - line.sinceMs >= 1000) {
          if (line.left > 0) log.warn("an app logs too much; lines were left out", { app, lines: line.left });
          Object.assign(line, { sinceMs: nowMs, count: 0, left: 0 });
        }
        line.count += 1;
        if (line.count > LINES_PER_SECOND) line.left += 1;
        else log[level](text, { app });
      },
      failed(app, words) {
        markers
          .mark({
            code: `app_failed_${app}`,
            cause: `The app ${app} does not run: ${/[.!?;]$/.test(words) ? words : `${words}.`}`,
            effect: "The data and the models are not touched by it, and other apps run.",
            remedy:
              "Correct what is named and save it: the app is loaded anew then. Until then it is tried again by itself, with growing pauses.",
          })
          .catch(failed);
      },
      recovered(app) {
        markers.clear(`app_failed_${app}`).catch(failed);
      },
      caughtUp(app) {
        markers.clear(`app_behind_${app}`).catch(failed);
      },
      behind(app, dropped) {
        // Each thousandth is news enough: the words would change with every event.
        if (dropped !== 1 && dropped % 1000 !== 0) return;
        markers
          .mark({
            code: `app_behind_${app}`,
            cause: `The app ${app} is slower than what it listens to; ${dropped} of its calls were dropped, the oldest first.`,
            effect: "It misses changes. Other apps and the data layer are not touched by it.",
            remedy: "Let it listen to less, or do less for each change.",
          })
          .catch(failed);
      },
    },
    onFindings(findings) {
      const told =
        findings.length === 0
          ? markers.clear("apps_file_wrong")
          : markers.mark({
              code: "apps_file_wrong",
              cause: findings.join(" "),
              effect: "These apps are not started; the others run.",
              remedy: `Correct apps.yaml in ${folder} and save it.`,
            });
      told.catch(failed);
    },
  };
}

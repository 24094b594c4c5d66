import { askRunningApp } from "../runtime/control.ts";
import { isOwned } from "../store/ownership.ts";
import { type HealthReport, thoughNotWritten } from "../store/tables/overview.ts";

const ANSWER_LIMIT_MS = 5000;

/** What the file says of the app; where that is that it is down, the app itself is asked: it may run and be unable to write. */
export async function toldLife(dbPath: string, read: () => HealthReport): Promise<HealthReport> {
  const report = read();
  if (report.status !== "down" || !isOwned(dbPath)) return report;
  const silence = new Promise<undefined>((resolve) => setTimeout(resolve, ANSWER_LIMIT_MS, undefined).unref());
  const answer = await Promise.race([askRunningApp(dbPath, "life", null), silence]).catch(() => undefined);
  if (answer === undefined) return report;
  return answer === null ? read() : thoughNotWritten(report, answer as HealthReport["degradedReasons"][number]);
}

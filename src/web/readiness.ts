import type { HealthReport } from "../store/tables/overview.ts";

export interface Readiness {
  readonly ready: boolean;
  readonly status: HealthReport["status"] | "refused";
  readonly reasons: readonly string[];
}

/** Ready = the database is open and the app lives. What is degraded is named and stays ready: it works, and a restart would not help. */
export function readinessOf(health: HealthReport | null, refusal: string | null): Readiness {
  if (refusal !== null) return { ready: false, status: "refused", reasons: [refusal] };
  if (health === null) return { ready: false, status: "starting", reasons: ["The app is starting: the database is not open yet."] };
  const { status, degradedReasons } = health;
  const reasons = degradedReasons.map((each) => `${each.cause} ${each.remedy}`);
  if (status === "starting") return { ready: false, status, reasons: ["The app is starting.", ...reasons] };
  if (status === "down") {
    return { ready: false, status, reasons: [`The last heartbeat was at ${health.heartbeatAtUtc}, more than 3 minutes ago.`, ...reasons] };
  }
  return { ready: true, status, reasons };
}

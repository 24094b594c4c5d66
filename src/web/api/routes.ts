import { z } from "zod";
import { DAY_MS, isoMs } from "../../core/time.ts";
import { type HealthReport, healthSchema, type Overview } from "../../store/tables/overview.ts";
import { route } from "./declare.ts";
import type { Route } from "./route.ts";
import { eventRoutes } from "./routes/events.ts";
import { helperRoutes } from "./routes/helpers.ts";
import { labelRoutes } from "./routes/labels.ts";
import { modelRoutes } from "./routes/models.ts";
import { operationRoutes } from "./routes/operations.ts";
import { systemRoutes } from "./routes/system.ts";
import { maybe, text } from "./shapes.ts";

/** The body of GET /api/v1/overview. */
export interface OverviewBody extends Overview {
  readonly health: HealthReport;
  readonly nextRuns: readonly { readonly job: string; readonly dueAtUtc: string | null }[];
}

const health = healthSchema.extend({ readiness: z.array(z.looseObject({ target: text })).nullable() });

const overviewRoutes = [
  route({
    method: "GET",
    path: "/health",
    tag: "system",
    summary: "How the app is: the row of vw_health, and the same as the command status --json",
    scope: "read",
    answer: health,
    handle: async (_, api) => (await api.read("healthReport", null)) as z.input<typeof health>,
  }),
  route({
    method: "GET",
    path: "/overview",
    tag: "system",
    summary: "All that the status page shows",
    scope: "read",
    answer: z.looseObject({ health, nextRuns: z.array(z.object({ job: text, dueAtUtc: maybe(text) })) }),
    async handle(_, api) {
      const nowMs = api.nowMs();
      const nextRuns = api.jobs().map(({ job, dueAtMs }) => ({ job, dueAtUtc: dueAtMs === null ? null : isoMs(dueAtMs) }));
      const timeZone = await api.timeZone();
      const [report, overview] = await Promise.all([
        api.read("healthReport", null),
        api.read("overview", { sinceMs: nowMs - DAY_MS, nowMs, timeZone }),
      ]);
      return { ...overview, health: report as z.input<typeof health>, nextRuns };
    },
  }),
];

const ALL = [...overviewRoutes, ...systemRoutes, ...eventRoutes, ...labelRoutes, ...helperRoutes, ...modelRoutes, ...operationRoutes];

/** Each route by what it is asked and answers. */
export type TypedRoute = (typeof ALL)[number];

/** Every route under /api/v1. */
export const ROUTES: readonly Route[] = ALL;

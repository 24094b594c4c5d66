import type { OverviewBody } from "../../../api/routes.ts";

export type Target = OverviewBody["targets"][number];

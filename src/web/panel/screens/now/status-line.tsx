import type { OverviewBody } from "../../../api/routes.ts";
import { currentMs, nowMs } from "../../client/clock.ts";
import { heard } from "../../client/live.ts";
import { ago, at } from "../../words/times.ts";
import { words } from "../../words/words.ts";

/** "Working: last event 4 s ago": the first thing that a person wants to know. */
export function StatusLine({ health }: { readonly health: OverviewBody["health"] | null }) {
  void currentMs.value;
  const status = heard.health.value?.status ?? health?.status ?? null;
  const connection = heard.health.value?.connection ?? health?.connection ?? null;
  const lastAtUtc = heard.ingest.value?.lastEventAtUtc ?? health?.lastEventAtUtc ?? null;
  const { status: say } = words.now;
  const isCut = status !== null && status !== "starting" && connection !== "connected";
  const look = status === null ? "starting" : isCut && status === "ok" ? "degraded" : status;
  return (
    <p class="status-line" data-look={look}>
      <span class="dot" aria-hidden="true" />
      {status === null ? say.asking : isCut ? say.notConnected : (say.of[status] ?? status)}
      {lastAtUtc !== null && <span class="second">{say.lastEvent(at(lastAtUtc) > nowMs() ? words.times.now : ago(at(lastAtUtc)))}</span>}
    </p>
  );
}

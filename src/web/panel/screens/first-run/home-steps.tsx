import type { OverviewBody } from "../../../api/routes.ts";
import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { Degraded } from "../../parts/degraded.tsx";
import { FaultNote } from "../../parts/fault-note.tsx";
import { HaLink } from "../../parts/ha-link.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { count } from "../../words/numbers.ts";
import { duration } from "../../words/times.ts";
import { words } from "../../words/words.ts";

interface StepProps {
  readonly overview: OverviewBody;
}

export function ConnectStep({ overview: { health } }: StepProps) {
  const say = words.firstRun.connect;
  const isConnected = health.connection === "connected";
  return (
    <>
      <p>{isConnected ? say.connected : say.waiting}</p>
      {isConnected && health.lastEventAtUtc !== null && (
        <p class="second">
          {say.lastEvent} <Time utc={health.lastEventAtUtc} as="ago" />
        </p>
      )}
      {!isConnected && health.degradedReasons.map((marker) => <Degraded key={marker.code} marker={marker} />)}
    </>
  );
}

/** Areas shown by name; the rest is counted. */
const MOST_AREAS = 12;

export function EntityStep({ overview: { entities } }: StepProps) {
  const say = words.firstRun.entities;
  const asked = useAsked("entities by area", (signal) => get("/entities", { query: { isPresent: true, limit: 1000 }, signal }));
  const areas = new Map<string, number>();
  for (const { area } of asked.data?.items ?? []) if (area !== null) areas.set(area, (areas.get(area) ?? 0) + 1);
  const byArea = [...areas].sort((a, b) => b[1] - a[1]);
  return (
    <>
      <p>{entities.total === 0 ? say.none : say.count(count(entities.total), count(entities.withEvents))}</p>
      {asked.fault !== null && asked.data === null && <FaultNote fault={asked.fault} retry={asked.retry} />}
      {byArea.length > 0 && (
        <ul class="areas">
          {byArea.slice(0, MOST_AREAS).map(([area, members]) => (
            <li key={area}>
              {area} <span class="second">{count(members)}</span>
            </li>
          ))}
          {byArea.length > MOST_AREAS && <li>{say.more(byArea.length - MOST_AREAS)}</li>}
        </ul>
      )}
      <p class="second">{say.change}</p>
      <p>
        <HaLink path="/config/areas/dashboard">{say.areas}</HaLink>
      </p>
    </>
  );
}

export function HistoryStep({ overview: { backfill, events } }: StepProps) {
  const say = words.firstRun.history;
  if (backfill === null) return <p>{events.total === 0 ? say.none : say.done(count(events.total))}</p>;
  const left = backfill.leftMs === null ? null : duration(backfill.leftMs);
  const days = [count(Math.floor(backfill.fetchedDays)), count(Math.ceil(backfill.totalDays))] as const;
  return (
    <>
      <progress max={backfill.totalDays} value={backfill.fetchedDays} aria-label={words.now.home.history} />
      <p>{words.now.home.fetching(...days, count(backfill.rows), left)}</p>
      <p class="second">{say.meanwhile}</p>
      <p>
        <a class="button" href={hrefOf("/timeline")}>
          {words.nav.timeline}
        </a>
      </p>
    </>
  );
}

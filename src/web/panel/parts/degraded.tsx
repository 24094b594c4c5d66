import { mdiAlertOutline } from "@mdi/js";
import type { Answer } from "../client/client.ts";
import { words } from "../words/words.ts";
import { ServerText } from "./fault-note.tsx";
import { Icon } from "./icon.tsx";
import { Time } from "./time.tsx";

export type Marker = Answer<"GET", "/health">["degradedReasons"][number];

/** One thing that is not as it should be: what, since when, what it costs, and what to do. */
export function Degraded({ marker }: { readonly marker: Marker }) {
  return (
    <div class="degraded">
      <Icon path={mdiAlertOutline} />
      <div>
        <p>
          <ServerText text={String(marker.cause)} /> ({words.degraded.since} <Time utc={String(marker.since)} />)
        </p>
        <p class="second">
          <ServerText text={String(marker.effect)} />
        </p>
        <p>
          <strong>{words.degraded.remedy}</strong> <ServerText text={String(marker.remedy)} />
        </p>
      </div>
    </div>
  );
}

import { route } from "../../shell/route.ts";
import "./changes.css";
import { ReportCard } from "./report-card.tsx";
import { StreamCard } from "./stream-card.tsx";
import { StreamDetail } from "./stream-detail.tsx";

/** What changed at home and whether that is right, all that is watched, and behind each what was thought of it. */
export function Screen() {
  const [name] = route.value.rest;
  if (name !== undefined) return <StreamDetail name={name} />;
  return (
    <div class="cards">
      <ReportCard />
      <StreamCard />
    </div>
  );
}

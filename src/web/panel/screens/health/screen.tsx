import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { AboutCard } from "./about-card.tsx";
import { AttentionCard } from "./attention-card.tsx";
import { DiskCard } from "./disk-card.tsx";
import { GapCard } from "./gap-card.tsx";
import "./health.css";
import { JobCard } from "./job-card.tsx";
import { ListeningCard } from "./listening-card.tsx";
import { ReceiptCard } from "./receipt-card.tsx";

/** What runs and what comes next, what is missing and why, how much room it takes. */
export function Screen() {
  const overview = useAsked("overview", (signal) => get("/overview", { signal }), ["health"]);
  return (
    <div class="cards">
      <AttentionCard overview={overview} />
      <div class="stack">
        <JobCard overview={overview} />
        <ReceiptCard />
      </div>
      <div class="stack">
        <ListeningCard overview={overview} />
        <GapCard />
        <DiskCard overview={overview} />
        <AboutCard />
      </div>
    </div>
  );
}

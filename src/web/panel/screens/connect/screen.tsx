import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import "./connect.css";
import { HelperCard } from "./helper-card.tsx";
import { PathCard } from "./path-card.tsx";
import { SensorCard } from "./sensor-card.tsx";
import { ViewCard } from "./view-card.tsx";

/** How others read what is here: the file, its views, a sensor to paste, and a card for the helpers. */
export function Screen() {
  const views = useAsked("views", (signal) => get("/views", { signal }));
  return (
    <div class="cards">
      <SensorCard views={views} />
      <div class="stack">
        <PathCard views={views} />
        <HelperCard />
      </div>
      <ViewCard views={views} />
    </div>
  );
}

import type { Item } from "../client/client.ts";
import { featureInWords, nameInWords } from "./features.ts";
import { words } from "./words.ts";

type Subject = Pick<Item<"/streams">, "stream" | "entityName" | "areaName">;

/** Whom a stream is about: "Hallway", "Bed lamp", "Home". */
export function whomOf({ stream, entityName, areaName }: Subject): string {
  const id = stream.split(":")[0] ?? stream;
  return id === "home" ? words.features.home : (entityName ?? areaName ?? nameInWords(id));
}

/** What of whom: "Hallway · motion, activity". How far the feature looks back says nothing of a stream. */
export function titleOf(subject: Subject): string {
  const [id = "", measure] = subject.stream.split(":");
  const [, ...what] = featureInWords(measure === undefined ? id : `${id}:${measure}`).split(" · ");
  return [whomOf(subject), ...what].join(" · ");
}

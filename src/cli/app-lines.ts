import { createZone } from "../core/time.ts";
import type { Deed } from "../runtime/apps/simulated/simulation.ts";
import { faultOf, faultWords } from "../runtime/apps/thread/fault.ts";

/** An instant as the home's clock shows it. */
export function wallClock(timeZone: string): (atMs: number) => string {
  const zone = createZone(timeZone);
  return (atMs) => new Date(atMs + zone.offsetMsAt(atMs)).toISOString().slice(0, 19).replace("T", " ");
}

/** What an app did as lines a person reads: the home's wall clock, what, and with what. */
export function deedLines(timeZone: string, files: readonly string[]): (deed: Deed) => string {
  const at = wallClock(timeZone);
  const json = (value: object): string => (Object.keys(value).length === 0 ? "" : ` ${JSON.stringify(value)}`);
  return (deed) => `${at(deed.atMs)}  ${words(deed)}`;

  function words(deed: Deed): string {
    switch (deed.kind) {
      case "call": {
        const { domain, service, target, data } = deed.call;
        const aim = Object.values(target).flat().join(",");
        return `call    ${domain}.${service}${aim === "" ? "" : ` ${aim}`}${json(data)}`;
      }
      case "set":
        return `set     ${deed.entityId} ${deed.state}`;
      case "fire":
        return `fire    ${deed.type}${json(deed.data)}`;
      case "log":
        return `${deed.level === "info" ? "log" : deed.level}`.padEnd(8) + deed.text;
      case "failed":
        return `failed  ${faultWords(faultOf(deed.error, files))}`;
    }
  }
}

/** The same as plain data. */
export function deedData(deed: Deed, files: readonly string[]): object {
  const at = new Date(deed.atMs).toISOString();
  const { atMs: _, ...rest } = deed;
  if (deed.kind === "failed") return { at, kind: "failed", ...faultOf(deed.error, files) };
  if (deed.kind === "call")
    return { at, kind: "call", service: `${deed.call.domain}.${deed.call.service}`, target: deed.call.target, data: deed.call.data };
  return { at, ...rest };
}

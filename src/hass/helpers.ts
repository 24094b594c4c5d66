import type { MessageBase } from "home-assistant-js-websocket";
import { z } from "zod";
import type { HelperDomain, WantedHelper } from "../core/labels/wanted-helpers.ts";

const madeSchema = z.object({ id: z.string() });
const listSchema = z.array(z.object({ id: z.string(), initial: z.unknown().optional() }));

/** The command that makes a helper; only an administrator's token may. */
export function createHelperMessage({ domain, name, icon }: WantedHelper): MessageBase {
  const shape = domain === "input_datetime" ? { has_date: true, has_time: true } : {};
  return { type: `${domain}/create`, name, icon, ...shape };
}

export function parseMadeHelper(answer: unknown, domain: HelperDomain): string {
  return `${domain}.${madeSchema.parse(answer).id}`;
}

/** Helpers made over the interface; those of configuration.yaml are not listed. */
export function parseHelperList(answer: unknown, domain: HelperDomain): { readonly entityId: string; readonly initial: string | null }[] {
  return listSchema.parse(answer).map(({ id, initial }) => ({
    entityId: `${domain}.${id}`,
    initial: initial === undefined || initial === null ? null : String(initial),
  }));
}

import { effect, signal } from "@preact/signals";
import { setZone } from "../words/times.ts";
import { type Answer, cameWithPage, get } from "./client.ts";
import { setNow } from "./clock.ts";
import { faultOf } from "./fault.ts";
import { heard } from "./live.ts";
import { trouble } from "./trouble.ts";

export type Me = Answer<"GET", "/me">;

/** Who looks at this page, and what every screen needs to know of the home. Null until the app has said it. */
export const me = signal<Me | null>(null);

const AGAIN_MS = 3000;

/** Asks until the app answers; what hinders it is told by the frame meanwhile. */
export async function askWho(): Promise<void> {
  for (;;) {
    try {
      const cameMs = cameWithPage("/me");
      const answer = await get("/me");
      setNow(answer.nowUtc, cameMs);
      setZone(answer.timeZone);
      me.value = answer;
      return;
    } catch (error) {
      trouble.value = faultOf(error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** Where Home Assistant had not said yet whether this is an administrator: asks again whenever something has changed in the app's health. */
export function followRank(): void {
  effect(() => {
    if (heard.health.value !== null && me.peek()?.isRankKnown === false) void askWho();
  });
}

/** Asks once more who this is: where the session has ended, the frame says so. */
export async function lookAtSession(): Promise<void> {
  try {
    await get("/me");
  } catch (error) {
    trouble.value = faultOf(error);
  }
}

/** Whether this person may do what needs the scope; screens say so beside what they may not do. */
export function may(scope: "label" | "admin"): boolean {
  const has = me.value?.scope ?? "read";
  return has === "admin" || has === scope;
}

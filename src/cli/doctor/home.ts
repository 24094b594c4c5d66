import type { Config } from "../../config/config.ts";
import { createSystemClock } from "../../runtime/clock.ts";
import { type Check, fail, ok, warn } from "./check.ts";

const ANSWER_LIMIT_MS = 5000;
/** A Date header has whole seconds, and the way takes some. */
const CLOCK_LIMIT_MS = 30_000;

/** Whether Home Assistant answers, accepts the token, and has the same time. */
export async function checkHome({ home }: Config): Promise<Check[]> {
  if (home.kind === "simulated") return [ok("home assistant", "none is configured (HA_URL and HA_TOKEN): the app serves a simulated home")];
  const address = restAddress(home.url);
  let answer: Response;
  const clock = createSystemClock();
  try {
    answer = await fetch(address, { headers: { authorization: `Bearer ${home.token}` }, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return [fail("home assistant", `${address} does not answer: ${cause}`, "Check HA_URL, the network, and whether Home Assistant runs.")];
  }
  await answer.arrayBuffer();
  return [checkAnswer(address, answer), checkClock(answer, clock.nowMs())];
}

function checkAnswer(address: string, answer: Response): Check {
  if (answer.ok) return ok("home assistant", `${address} answers and accepts the token`);
  if (answer.status === 401 || answer.status === 403) {
    return fail(
      "home assistant",
      `${address} refuses the token (${answer.status})`,
      "Make a new long-lived access token in Home Assistant (your profile, Security) and set HA_TOKEN to it.",
    );
  }
  return fail("home assistant", `${address} answers ${answer.status}`, "Home Assistant may still be starting; else check HA_URL.");
}

function checkClock(answer: Response, nowMs: number): Check {
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return ok("clock", "Home Assistant did not tell its time");
  const apartS = Math.round((nowMs - theirs) / 1000);
  if (Math.abs(apartS) * 1000 <= CLOCK_LIMIT_MS) return ok("clock", "this machine and Home Assistant have the same time");
  return warn(
    "clock",
    `this machine's clock is ${Math.abs(apartS)} s ${apartS > 0 ? "ahead of" : "behind"} Home Assistant's`,
    "Have both set their clocks by the network (NTP).",
  );
}

/** http(s)://host/api/ of any form of HA's address. */
function restAddress(url: string): string {
  const base = url
    .replace(/^ws/, "http")
    .replace(/\/(?:api\/)?websocket\/?$/, "")
    .replace(/\/+$/, "");
  return `${base}/api/`;
}

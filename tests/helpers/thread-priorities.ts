import { readdirSync, readFileSync } from "node:fs";

/** Each thread of this process and its nice value, as Linux tells it. */
export function threadPriorities(): { readonly threadId: number; readonly nice: number }[] {
  return readdirSync("/proc/self/task").map((thread) => {
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, "utf8").replace(/^.*\) /, "");
    return { threadId: Number(thread), nice: Number(fields.split(" ")[16]) };
  });
}

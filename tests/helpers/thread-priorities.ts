import { readdirSync, readFileSync } from "node:fs";

/** The nice value of each thread of this process, as Linux tells it. */
export function threadPriorities(): number[] {
  return readdirSync("/proc/self/task").map((thread) => {
    const fields = readFileSync(`/proc/self/task/${thread}/stat`, "utf8").replace(/^.*\) /, "");
    return Number(fields.split(" ")[16]);
  });
}

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const NETWORK = ["172.30.32.2", "172.30.33.9"].map((address) => `ip address add ${address}/32 dev lo`).join(" && ");

/**
 * The panel in Debian's Chromium behind the tests' stand-in for ingress, on a file of a year, in a network of its own. Phone = 390 x 844 at a
 * quarter of this processor's speed, empty cache. `ours` = first useful paint there, ms from the frame's navigation to the probability on the screen,
 * median of `--runs` (5); `emptyMs` = the same of a page of one line behind the same hop, visited in turn with ours, `timesEmpty` the ratio; `groundMs` = the
 * browser's first paint of the empty frame there, before any script; the rest are named with their unit.
 */
export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const settings = { runs: Number(options["runs"] ?? 5), events: Number(options["events"] ?? 1_000_000) };
  const apart = process.getuid?.() === 0 ? ["--net"] : ["--net", "--user", "--map-root-user"];
  const script = join(import.meta.dirname, "panel/measure.ts");
  const words = ["sh", "-c", `ip link set lo up && ${NETWORK} && exec "$0" "$@"`, process.execPath, script, JSON.stringify(settings)];
  const { status, stdout } = spawnSync("unshare", [...apart, ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 24,
  });
  if (status !== 0)
    throw new Error("The panel could not be measured: it needs Linux, unshare, ip and a Chromium (or one named in CHROMIUM).");
  return JSON.parse(stdout) as object;
}

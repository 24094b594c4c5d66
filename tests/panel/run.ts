import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findChromium } from "./chromium.ts";

/**
 * `npm run test:panel`: the panel in a real browser, behind a hop that behaves as Home Assistant's ingress, against the app's own process and a
 * simulated home. In a network of its own, where the addresses of Home Assistant's network are: nothing can leave it. `CHROMIUM` names the
 * browser where it is not found; pictures of every screen go to `SHOTS` (default dist/panel-shots).
 */

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const missing = ["unshare", "ip"].filter((program) => !has(program));
/** Root has a network of its own for the asking; others need a user namespace. */
const apart = process.getuid?.() === 0 ? ["--net"] : ["--net", "--user", "--map-root-user"];
const cannot =
  findChromium() === null
    ? "there is no Chromium (apt install chromium, or name one in CHROMIUM)"
    : missing.length > 0
      ? `${missing.join(" and ")} cannot be found`
      : spawnSync("unshare", [...apart, "true"]).status !== 0
        ? "this machine gives no network namespace"
        : null;

if (cannot !== null) process.stdout.write(`Skipped: the panel cannot be tested here, for ${cannot}.\n\n0 passed, 0 failed, 1 skipped\n`);
else {
  const network = ["172.30.32.2", "172.30.33.9"].map((address) => `ip address add ${address}/32 dev lo`).join(" && ");
  const tests = [process.execPath, join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs"), "run", ...process.argv.slice(2)];
  const { status } = spawnSync("unshare", [...apart, "sh", "-c", `ip link set lo up && ${network} && exec "$0" "$@"`, ...tests], {
    stdio: "inherit",
    env: { ...process.env, TEST_SUITE: "panel" },
  });
  process.exitCode = status ?? 1;
}

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "./build.ts";

/**
 * `npm run test:image`: the image without a container engine. The Dockerfile's own steps are run in a bare root of its base distribution, and
 * the app is started there as the Supervisor would start it: in namespaces of its own, with its folders mounted, behind a stand-in for the
 * Supervisor's proxy, with no more capabilities than the AppArmor profile grants. Needs Linux, root, debootstrap and the network.
 */

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
const missing = ["debootstrap", "unshare", "nsenter", "setpriv", "ip", "chroot"].filter((program) => !has(program));
const cannot =
  process.getuid?.() !== 0
    ? "root is needed"
    : missing.length > 0
      ? `${missing.join(", ")} cannot be found`
      : spawnSync("unshare", ["--net", "--mount", "true"]).status !== 0
        ? "this machine gives no namespaces"
        : null;

if (cannot !== null) {
  process.stdout.write(`Skipped: the image cannot be built here, for ${cannot}.\n\n0 passed, 0 failed, 1 skipped\n`);
} else {
  const image = buildImage((line) => process.stdout.write(`${line}\n`));
  try {
    // The addresses that matter inside Home Assistant's network: the Supervisor's, the app's own, and another app's.
    const network = ["172.30.32.2", "172.30.33.9", "172.30.33.5"].map((address) => `ip address add ${address}/32 dev lo`).join(" && ");
    const tests = [process.execPath, join(import.meta.dirname, "../../../node_modules/vitest/vitest.mjs"), "run"];
    const { status } = spawnSync("unshare", ["--net", "sh", "-c", `ip link set lo up && ${network} && exec "$0" "$@"`, ...tests], {
      stdio: "inherit",
      env: { ...process.env, TEST_SUITE: "package/image", IMAGE: JSON.stringify(image) },
    });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(join(image.root, ".."), { recursive: true, force: true });
  }
}

import { spawnSync } from "node:child_process";

/** The browser that is named, or Debian's; null where there is none. */
export function findChromium(): string | null {
  const names = [process.env["CHROMIUM"] ?? "", "chromium", "chromium-browser", "google-chrome"].filter((name) => name !== "");
  for (const name of names) {
    const { status, stdout } = spawnSync("sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  return null;
}

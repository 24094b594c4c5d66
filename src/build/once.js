import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const MARK = "sources.txt";

/**
 * Has `build` fill the folder, where it is not what these sources gave; beside the place and moved there at once, so that two that build at the
 * same time leave a whole one. Where Vite is not installed, what was built before stays.
 */
export async function buildOnce({ place, project, sources, build }) {
  const mark = markOf(project, sources);
  if (existsSync(join(place, MARK)) && readFileSync(join(place, MARK), "utf8") === mark) return "as it was";
  let vite;
  try {
    vite = await import("vite");
  } catch {
    return "not possible";
  }
  mkdirSync(dirname(place), { recursive: true });
  const folder = mkdtempSync(join(dirname(place), `${basename(place)}-`));
  try {
    await build(vite, folder);
    writeFileSync(join(folder, MARK), mark);
    // A temporary folder is its maker's alone; in the image root builds, and another user reads.
    chmodSync(folder, 0o755);
    rmSync(place, { recursive: true, force: true });
    try {
      renameSync(folder, place);
    } catch {
      // Another one that builds was first.
      cpSync(folder, place, { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return "built";
}

function markOf(project, sources) {
  const hash = createHash("sha256");
  for (const file of [...sources, join(project, "package.json")].sort()) hash.update(file.slice(project.length)).update(readFileSync(file));
  return hash.digest("hex");
}

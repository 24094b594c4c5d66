import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const MARK = "sources.txt";

/**
 * Has `build` fill the folder, where it is not what these sources gave; beside the place and moved there at once, so that two that build at the
 * same time leave a whole one. Where Vite is not installed, what was built before stays. Answers what was done, and whether the place holds
 * anything built; an error that ends it says the latter as `isBuilt`.
 */
export async function buildOnce({ place, project, sources, build }) {
  const mark = markOf(project, sources);
  const isThere = existsSync(join(place, MARK));
  if (isThere && readFileSync(join(place, MARK), "utf8") === mark) return { done: "as it was", isThere };
  let vite;
  try {
    vite = await import("vite");
  } catch {
    return { done: "not possible", isThere, reason: "Vite is not installed. Run npm ci without --omit=dev, then npm run build" };
  }
  try {
    await buildBeside(place, mark, (folder) => build(vite, folder));
  } catch (error) {
    throw Object.assign(error, { isBuilt: isThere });
  }
  return { done: "built", isThere: true };
}

async function buildBeside(place, mark, build) {
  mkdirSync(dirname(place), { recursive: true });
  const folder = mkdtempSync(join(dirname(place), `${basename(place)}-`));
  try {
    await build(folder);
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
}

function markOf(project, sources) {
  const hash = createHash("sha256");
  for (const file of [...sources, join(project, "package.json")].sort()) hash.update(file.slice(project.length)).update(readFileSync(file));
  return hash.digest("hex");
}

import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** As many links one behind another as Linux itself follows. */
const MOST_LINKS = 40;

/**
 * Where a file really is, or will be once it is made: every link on the way is followed, also one to a file that is not there yet. SQLite
 * does the same, so its log lies beside that path, and a lock beside another one would keep nobody out.
 */
export function realPath(path: string, linksLeft = MOST_LINKS): string {
  const asGiven = resolve(path);
  try {
    return realpathSync(asGiven);
  } catch {
    const folder = dirname(asGiven);
    if (folder === asGiven) return asGiven;
    const here = join(realPath(folder, linksLeft), basename(asGiven));
    const target = linkTarget(here);
    return target === null || linksLeft === 0 ? here : realPath(resolve(dirname(here), target), linksLeft - 1);
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One access of a trace: `r`, `w`, `k` (lock), `m` (mapped as a program), `x` (executed). */
export interface Access {
  readonly path: string;
  readonly mode: "r" | "w" | "k" | "m" | "x";
}

interface Rule {
  readonly paths: RegExp;
  readonly modes: string;
}

/** What `abstractions/base` allows everybody, as far as a program of this image uses it. */
const BASE = "/etc/locale.alias r, /etc/ld.so.preload r, /{usr/,}lib/**.so* mr, /dev/log w";

function readRules(): Rule[] {
  const profile = readFileSync(join(import.meta.dirname, "../../../apparmor.txt"), "utf8");
  const lines = [...profile.split("\n"), ...BASE.split(", ").map((rule) => `${rule},`)];
  return lines
    .map((line) => /^\s*(?:owner\s+)?([/@]\S*)\s+([rwkmix]+),$/.exec(line))
    .filter((found) => found !== null)
    .map(([, glob, modes]) => ({ paths: asPattern(glob!), modes: modes! }));
}

/** AppArmor's globs: `**` any depth, `*` one name, `{a,b}` either. */
function asPattern(glob: string): RegExp {
  let depth = 0;
  const parts = glob.replaceAll("@{PROC}", "/proc").replaceAll("@{pid}", "[pid]");
  const pattern = parts.replaceAll(/\[pid\]|\*\*|[*?{},]|[.+()|\\^$[\]]/g, (each) => {
    switch (each) {
      case "[pid]":
        return "(?:\\d+|self|thread-self)";
      case "**":
        return ".+";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      case "{":
        depth += 1;
        return "(?:";
      case "}":
        depth -= 1;
        return ")";
      case ",":
        return depth > 0 ? "|" : ",";
      default:
        return `\\${each}`;
    }
  });
  return new RegExp(`^${pattern}$`);
}

/** The accesses that the profile would refuse. */
export function refusedBy(accesses: readonly Access[]): string[] {
  const rules = readRules();
  const isAllowed = ({ path, mode }: Access): boolean =>
    // A folder's own path ends in a slash for AppArmor; a trace says it without.
    rules.some(({ paths, modes }) => modes.includes(mode) && (paths.test(path) || paths.test(`${path}/`)));
  return [...new Set(accesses.filter((access) => !isAllowed(access)).map(({ path, mode }) => `${mode} ${path}`))].sort();
}

/**
 * Accesses that came about, from what `strace -ff -y` wrote of each process; paths as they are inside `root`. What happens before the image's
 * own first program is the test's doing.
 */
export function readTraces(traces: readonly string[], root: string, first: string): Access[] {
  return traces
    .filter((trace) => !/^execve\("[^"]*\/mount"/.test(trace))
    .map((trace) => trace.slice(Math.max(0, trace.indexOf(`execve("${first}"`))).replaceAll(root, ""))
    .flatMap((trace) => trace.split("\n").flatMap(readLine));
}

function readLine(line: string): Access[] {
  const [, call, rest] = /^(\w+)\((.*)$/.exec(line) ?? [];
  if (call === undefined || rest === undefined || / = -1 E(?!ACCES|PERM)/.test(rest)) return [];
  const opened = /<(\/[^>]*)>/;
  switch (call) {
    case "execve":
      return [{ path: /^"([^"]+)"/.exec(rest)![1]!, mode: "x" }];
    case "open":
    case "openat": {
      const path = / = \d+<(\/[^>]*)>/.exec(rest)?.[1];
      if (path === undefined) return [];
      const modes = rest.includes("O_RDWR") ? (["r", "w"] as const) : rest.includes("O_WRONLY") ? (["w"] as const) : (["r"] as const);
      return modes.map((mode) => ({ path, mode }));
    }
    case "mmap": {
      const path = opened.exec(rest)?.[1];
      return path !== undefined && rest.includes("PROT_EXEC") ? [{ path, mode: "m" }] : [];
    }
    case "fcntl": {
      const path = opened.exec(rest)?.[1];
      return path !== undefined && rest.includes("F_SETLK") ? [{ path, mode: "k" }] : [];
    }
    case "unlink":
    case "unlinkat":
    case "rename":
    case "renameat2":
    case "mkdir":
      return [...rest.matchAll(/"(\/[^"]+)"/g)].map(([, path]) => ({ path: path!, mode: "w" }));
    case "bind":
    case "connect": {
      const path = /sun_path="(\/[^"]+)"/.exec(rest)?.[1];
      return path === undefined ? [] : [{ path, mode: "w" }];
    }
    default:
      return [];
  }
}

import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Image } from "./build.ts";
import { TOKEN } from "./supervisor.ts";

/** The folders that the Supervisor mounts, as it leaves them: root's, the options readable by root alone. */
export interface Folders {
  readonly data: string;
  readonly share: string;
  setOptions(options: unknown): void;
  remove(): void;
}

export interface Container {
  /** Process 1 inside, as this machine counts it. */
  readonly pid: number;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  log(): string;
  /** As `docker exec` and the HEALTHCHECK: root, with the image's environment. */
  exec(words: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  /** To process 1, as `docker stop` and `docker kill` do. */
  signal(signal: NodeJS.Signals): void;
  /** The app itself, as the kernel ends it when memory is short. */
  killApp(): void;
  /** Whatever is left of it. */
  end(): void;
}

export function makeFolders(): Folders {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-mounts-"));
  const [data, share] = [join(folder, "data"), join(folder, "share")];
  mkdirSync(data);
  mkdirSync(share);
  return {
    data,
    share,
    setOptions(options) {
      writeFileSync(join(data, "options.json"), JSON.stringify(options));
      chmodSync(join(data, "options.json"), 0o600);
      spawnSync("chown", ["0:0", join(data, "options.json")]);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The capabilities that the AppArmor profile grants: fewer than Docker's own set, so what starts here starts there. */
const CAPABILITIES = [...readFileSync(join(import.meta.dirname, "../../../apparmor.txt"), "utf8").matchAll(/^\s*capability (\w+),$/gm)];
const TRACED = "execve,open,openat,unlink,unlinkat,rename,renameat2,mkdir,mmap,fcntl,bind,connect";
const TINI = ["/usr/bin/tini-static", "/usr/bin/tini"].find((path) => existsSync(path));

/** Docker's own init is tini under this name. Where there is none, the image's entry is process 1. */
export const INIT = TINI === undefined ? null : "/sbin/docker-init";

/** Starts the image as the Supervisor would, with namespaces of its own for mounts and processes. */
export function startContainer(image: Image, folders: Folders, { isShareReadOnly = false, traceTo = "" } = {}): Container {
  const { root, environment, workFolder, entrypoint } = image;
  for (const place of ["data", "share", "tmp"]) mkdirSync(join(root, place), { recursive: true });
  writeFileSync(join(root, "etc/hosts"), "127.0.0.1 localhost\n172.30.32.2 supervisor\n");
  writeFileSync(join(root, "etc/resolv.conf"), "");
  if (TINI !== undefined) spawnSync("cp", [TINI, join(root, "usr/sbin/docker-init")]);
  const variables = Object.entries({
    ...environment,
    HOSTNAME: "ml-data-layer",
    HOME: "/root",
    TZ: "Europe/Amsterdam",
    SUPERVISOR_TOKEN: TOKEN,
  });
  const settings = variables.map(([name, value]) => `${name}=${value}`);
  const script = [
    'mount --bind "$1" "$0/data"',
    `mount --bind "$2" "$0/share"${isShareReadOnly ? ' && mount -o remount,bind,ro "$0/share"' : ""}`,
    'mount -t proc proc "$0/proc"',
    'mount --rbind /dev "$0/dev"',
    'shift 2 && cd "$0" && exec chroot . "$@"',
  ].join(" && ");
  const bounds = `--bounding-set=-all,${CAPABILITIES.map(([, name]) => `+${name}`).join(",")}`;
  const first = INIT === null ? entrypoint : [INIT, "--", ...entrypoint];
  const traced = traceTo === "" ? [] : ["strace", "-D", "-ff", "-y", "-s", "400", `--trace=${TRACED}`, "-o", traceTo];
  const shell = ["--mount", "--pid", "--fork", "--kill-child=SIGKILL", ...traced, "sh", "-c", script];
  const words = [...shell, root, folders.data, folders.share];
  const child = spawn("unshare", [...words, "setpriv", bounds, "--inh-caps=-all", "env", "-i", ...settings, ...first], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const pid = firstChild(child.pid!);
  return {
    pid,
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal }))),
    log: () => said,
    exec(command) {
      const enter = ["--target", String(pid), "--mount", "--pid", "--root"];
      const inside = spawn("nsenter", [...enter, "env", "-i", `--chdir=${workFolder}`, ...settings, ...command], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [inside.stdout, inside.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      return new Promise((resolve) => inside.once("close", (code) => resolve({ code, output })));
    },
    signal: (signal) => process.kill(pid, signal),
    killApp: () => process.kill(TINI === undefined ? pid : firstChild(pid), "SIGKILL"),
    end() {
      // Without an init the first process has given up its rights since, and with them the signal of a parent that dies.
      if (child.exitCode === null && child.signalCode === null) spawnSync("kill", ["-KILL", String(pid)]);
      child.kill("SIGKILL");
    },
  };
}

function firstChild(pid: number): number {
  for (let tries = 0; tries < 1000; tries++) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    if (children !== "") return Number(children.split(" ")[0]);
    spawnSync("sleep", ["0.01"]);
  }
  throw new Error("the container has not begun");
}

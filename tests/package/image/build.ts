import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { expand, readDockerfile, readPairs } from "./dockerfile.ts";

/** An image as a folder: its file system, and how a container of it would be started. */
export interface Image {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workFolder: string;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

const PROJECT = resolve(import.meta.dirname, "../../..");
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs the Dockerfile's own steps in bare roots of its base distribution. @throws Error with the output of the step that failed */
export function buildImage(say: (line: string) => void): Image {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-image-"));
  const stages = new Map<string, string>();
  const given: Record<string, string> = {};
  let environment: Record<string, string> = {};
  let [root, workFolder] = ["", "/"];
  let [entrypoint, healthcheck]: [string[], string[]] = [[], []];
  for (const { word, rest } of readDockerfile(readFileSync(join(PROJECT, "Dockerfile"), "utf8"))) {
    const values = { ...given, ...environment };
    switch (word) {
      case "FROM": {
        const [, base, name] = /^(\S+)(?: AS (\S+))?$/.exec(rest)!;
        root = join(folder, name ?? "image");
        run("cp", ["--archive", baseRoot(base!, say), root]);
        stages.set(name ?? "image", root);
        environment = {};
        workFolder = "/";
        break;
      }
      case "ARG": {
        const [name, value] = rest.split("=");
        given[name!] = value ?? "";
        break;
      }
      case "ENV":
        environment = { ...environment, ...readPairs(expand(rest, values)) };
        break;
      case "WORKDIR":
        workFolder = rest;
        mkdirSync(join(root, workFolder), { recursive: true });
        break;
      case "COPY":
        copy(rest, stages, join(root, workFolder));
        break;
      case "RUN":
        say(`RUN ${rest.slice(0, 100)}`);
        runInside(root, workFolder, { ...given, ...environment }, rest);
        break;
      case "ENTRYPOINT":
        entrypoint = JSON.parse(rest) as string[];
        break;
      case "HEALTHCHECK":
        healthcheck = JSON.parse(rest.slice(rest.indexOf("CMD") + 3)) as string[];
        break;
      case "LABEL":
        break;
      default:
        throw new Error(`The Dockerfile's ${word} is not known here; teach this builder what it does.`);
    }
  }
  for (const [name, stage] of stages) if (name !== "image") rmSync(stage, { recursive: true });
  return { root, environment: { PATH, ...environment }, workFolder, entrypoint, healthcheck };
}

/** `node:26.1.0-bookworm-slim`: Debian's base system, the Node that this checkout pins, the npm at hand, and the user `node`. Kept for the next time. */
function baseRoot(image: string, say: (line: string) => void): string {
  const [, version, release] = /^node:([\d.]+)-(\w+)-slim$/.exec(image)!;
  const debian = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "ml-data-layer", "debian", release!);
  if (!existsSync(debian)) {
    say(`debootstrap ${release} into ${debian} (once)`);
    rmSync(`${debian}.new`, { recursive: true, force: true });
    mkdirSync(dirname(debian), { recursive: true });
    // What the official image keeps because its Node is linked to it.
    run("debootstrap", ["--variant=minbase", "--include=libatomic1", release!, `${debian}.new`]);
    renameSync(`${debian}.new`, debian);
  }
  const root = join(mkdtempSync(join(tmpdir(), "ml-data-layer-base-")), "root");
  run("cp", ["--archive", debian, root]);
  process.once("exit", () => rmSync(dirname(root), { recursive: true, force: true }));
  const node = join(PROJECT, "node_modules/node/bin/node");
  const found = run(node, ["--version"]).trim();
  if (found !== `v${version}`) throw new Error(`The Dockerfile names Node ${version}, the checkout has ${found}.`);
  cpSync(node, join(root, "usr/local/bin/node"));
  const npm = resolve(dirname(process.env["npm_execpath"] ?? run("sh", ["-c", "readlink -f $(command -v npm)"]).trim()), "..");
  cpSync(npm, join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
  run("chroot", [root, "useradd", "--uid", "1000", "--user-group", "--create-home", "--shell", "/bin/bash", "node"]);
  return root;
}

function copy(rest: string, stages: ReadonlyMap<string, string>, workFolder: string): void {
  const [, from, paths] = /^(?:--from=(\S+) )?(.+)$/.exec(rest)!;
  const words = paths!.split(" ");
  const target = words.pop()!;
  for (const word of words) {
    const source = from === undefined ? join(PROJECT, word) : join(stages.get(from)!, word);
    const isFile = statSync(source).isFile();
    const place = target.startsWith("/") ? join(workFolder.replace(/\/app$/, ""), target) : join(workFolder, target);
    const end = isFile && target.endsWith("/") ? join(place, basename(source)) : place;
    mkdirSync(dirname(end), { recursive: true });
    // As a build does it: the content of a folder, everything root's.
    run("cp", ["--recursive", "--no-dereference", "--preserve=mode,links", isFile ? source : `${source}/.`, end]);
  }
}

/** A shell inside the root, with the network and the certificates of this machine. */
function runInside(root: string, folder: string, environment: Readonly<Record<string, string>>, command: string): void {
  const own = process.env["NODE_EXTRA_CA_CERTS"];
  const certificates = join(root, "tmp/certificates.crt");
  if (own) cpSync(own, certificates);
  const trust = own ? { NODE_EXTRA_CA_CERTS: "/tmp/certificates.crt", npm_config_cafile: "/tmp/certificates.crt" } : {};
  const registry = run("npm", ["config", "get", "registry"]).trim();
  const variables = Object.entries({ PATH, HOME: "/root", npm_config_registry: registry, ...trust, ...environment });
  const words = variables.map(([name, value]) => `${name}=${value}`);
  const script = `cp -L /etc/resolv.conf "$0/etc/resolv.conf" && mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && cd "$0" && exec chroot . "$@"`;
  run("unshare", ["--mount", "sh", "-c", script, root, "env", "-i", ...words, "sh", "-c", `cd ${folder} && ${command}`]);
  rmSync(certificates, { force: true });
}

function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${program} ${words.join(" ").slice(0, 400)} failed: ${String(error ?? "")}\n${stdout}\n${stderr}`);
  return stdout;
}

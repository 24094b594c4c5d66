import { readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { buildOnce } from "./once.js";

/**
 * The program as it is started: what its threads need of the sources and packages, in few files without comments and without types. From some
 * hundred files, each thread holds their text, the records of their modules and what Node keeps of compiled code: 17 MB of memory more. Lines and
 * names stay, so that a stack trace can be read. What runs the user's apps stays out: their files import parts of the sources themselves.
 */
const PROJECT = resolve(import.meta.dirname, "../..");
const SOURCES = join(PROJECT, "src");
const STAYS_A_SOURCE = ["apps-process", "app-thread", "strip-thread", "apps-run-thread"];

export async function buildProgram() {
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const sources = names.filter((name) => /\.[tj]s$/.test(name) && !name.startsWith("web/panel/")).map((name) => join(SOURCES, name));
  return buildOnce({
    place: join(PROJECT, "dist/program"),
    project: PROJECT,
    sources: [...sources, join(PROJECT, "package-lock.json")],
    build: (vite, folder) => buildEntries(vite, folder, { main: join(SOURCES, "main.ts"), cli: join(SOURCES, "cli.ts") }),
  });
}

/** `entries`: name of the built file -> source. The folder must lie two below the project, as dist/program does. */
export async function buildEntries(vite, folder, entries) {
  await vite.build({
    root: PROJECT,
    configFile: false,
    envFile: false,
    logLevel: "error",
    plugins: [ownFiles(folder), withoutHttp2, latin1],
    ssr: { noExternal: true, external: ["better-sqlite3"] },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "node22",
      ssr: true,
      reportCompressedSize: false,
      rolldownOptions: {
        input: entries,
        output: {
          entryFileNames: "[name].js",
          chunkFileNames: "part-[name]-[hash].js",
          comments: false,
        },
      },
    },
  });
}

/** A file that a source names beside itself is found from the built one too: a thread as another built file, all else where it is. */
function ownFiles(folder) {
  return {
    name: "own-files",
    transform(code, id) {
      if (!id.startsWith(PROJECT) || id.includes("/node_modules/") || !code.includes("import.meta.")) return null;
      const place = (path) => relative(folder, path).replaceAll("\\", "/");
      const withThreads = code.replace(/new URL\("([^"]+-(?:thread|process))\.ts", import\.meta\.url\)/g, (whole, path) => {
        if (STAYS_A_SOURCE.includes(basename(path))) return whole;
        const thread = this.emitFile({ type: "chunk", id: resolve(dirname(id), `${path}.ts`), fileName: `${basename(path)}.js` });
        return `new URL("./${this.getFileName(thread)}", import.meta.built)`;
      });
      return withThreads
        .replaceAll("import.meta.url", `new URL(${JSON.stringify(place(id))}, import.meta.built).href`)
        .replaceAll("import.meta.dirname", `(import.meta.here + ${JSON.stringify(`/${place(dirname(id))}`)})`)
        .replaceAll("import.meta.built", "import.meta.url")
        .replaceAll("import.meta.here", "import.meta.dirname");
    },
  };
}

/** Fastify loads it whether it is asked to speak it or not: 4 MB. */
const withoutHttp2 = {
  name: "without-http2",
  enforce: "pre",
  resolveId: (name) => (name === "node:http2" ? "\0without-http2" : null),
  load: (id) => (id === "\0without-http2" ? "export {};" : null),
};

/** One character beyond Latin-1 would make V8 hold the whole file in two bytes a character. */
const latin1 = {
  name: "latin1",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) file.code = file.code.replace(/[\u0100-\uffff]/g, escaped);
  },
};

const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

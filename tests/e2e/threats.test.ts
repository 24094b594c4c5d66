import { once } from "node:events";
import { createConnection } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type App, endAll, eventually, rowsOf, runCommand, startApp, temporaryFolder } from "./program.ts";

/** Lines of SECURITY.md that need the running app: its address as it is, and its commands. */

const place = temporaryFolder();
/** Inside Home Assistant, where nobody answers for it. */
const environment = {
  DATA_FOLDER: place.folder,
  OPTIONS_FILE: "/dev/null",
  HA_URL: "http://127.0.0.1:9",
  HA_TOKEN: "any",
  SUPERVISOR_TOKEN: "any",
};
let app: App;

beforeAll(async () => {
  app = startApp(environment);
  await app.url();
  await eventually(async () => rowsOf(place.database, "SELECT 1 FROM vw_health")[0], "the database", 90_000);
}, 120_000);
afterAll(async () => {
  await endAll();
  place.remove();
});

/** As it stands: no client that tidies the path first. */
async function answerTo(path: string): Promise<string> {
  const { port } = new URL(await app.url());
  const socket = createConnection(Number(port), "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await once(socket, "close");
  return text;
}

describe("paths", () => {
  const ups = ["..", "%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "....//", "..%c0%af.."];
  const targets = ["package.json", "etc/passwd", "src/main.ts", "server.ts"];
  const paths = ups.flatMap((up) => targets.flatMap((target) => [`/${up}/${target}`, `/assets/${up}/${up}/${up}/${target}`]));
  const others = [
    "//etc/passwd",
    "/assets/main.js%00.css",
    "/%00",
    "/./././server.ts",
    "/assets/../../server.ts",
    "/assets/../sources.txt",
    "/.git/config",
    "/tsconfig.json",
  ];

  test("no path leads to a file that is not the page's", { timeout: 60_000 }, async () => {
    const asset = /href="\.(\/assets\/first-[^"]+\.js)"/.exec(await answerTo("/"))![1]!;
    expect(await answerTo(asset)).toMatch(/^HTTP\/1\.1 200 /);
    for (const path of [...paths, ...others]) {
      const answer = await answerTo(path);
      expect([path, answer.split("\r\n")[0]]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 (400|403|404) /)]);
      expect(answer).not.toMatch(/root:x:|"dependencies"|createServer|compilerOptions/);
    }
  });
});

describe("names", () => {
  const HOSTILE = `vw_health"; DROP TABLE labels; --`;

  test.each([
    [["export", HOSTILE]],
    [["export", "sqlite_master"]],
    [["models", "show", `1'; DROP TABLE labels; --`]],
    [["label", "remove", `1; DROP TABLE labels`]],
    [["label", "list", "--target", `sleep' OR '1'='1`]],
    [["train", "--target", HOSTILE]],
  ])("SQL in the name of a view or of a model is a name that does not exist: %j", { timeout: 60_000 }, async (words) => {
    const before = rowsOf<{ n: number }>(place.database, "SELECT count(*) AS n FROM sqlite_master")[0]!;
    const { stderr, ...ended } = await runCommand(words, environment);
    expect(ended.code).toBeGreaterThan(0);
    expect(ended.stdout).toBe("");
    expect(stderr).not.toMatch(/syntax error|SqliteError|\.ts:\d+/);
    expect(rowsOf(place.database, "SELECT count(*) AS n FROM sqlite_master")).toEqual([before]);
  });
});

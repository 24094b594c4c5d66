import { afterEach, expect, test } from "vitest";
import { withAnswers } from "../../src/web/first-answers.ts";
import type { Server } from "../../src/web/server.ts";
import { createHomeFile, type HomeFile, NOW_MS, seedHome } from "./home-file.ts";
import { apiOver, serverOver } from "./served.ts";

let home: HomeFile;
let server: Server;
afterEach(async () => {
  await server.stop();
  home.remove();
});

async function serve(isInsideHomeAssistant: boolean, isSlow = false): Promise<string> {
  home = createHomeFile();
  seedHome(home.db);
  home.db.run(
    "INSERT INTO degraded (code, since_ms, cause, effect, remedy) VALUES ('x', ?, '</script><script>alert(1)</script>', '', '')",
    NOW_MS,
  );
  const api = apiOver(home.db);
  const slow: typeof api = { ...api, read: (name, input) => (isSlow ? new Promise(() => undefined) : api.read(name, input)) };
  ({ server } = serverOver(() => slow, { isInsideHomeAssistant }));
  return (await server.start()).url;
}

const inPage = (page: string): string | undefined => /<script type="application\/json" id="answers">(.*?)<\/script>/.exec(page)?.[1];

test("the page holds what it would ask first, word for word, and nobody keeps it", async () => {
  const url = await serve(true);
  const response = await fetch(url);
  const answers = JSON.parse(inPage(await response.text())!) as Record<string, unknown>;
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(Object.keys(answers)).toEqual(["api/v1/me", "api/v1/overview"]);
  for (const [address, answer] of Object.entries(answers)) expect(await (await fetch(new URL(address, url))).json()).toEqual(answer);
});

// Broken once: JSON alone, whose text ended the element and began a script of its own.
test("no text of a home ends the element, and the page's own script stays the only one that runs", async () => {
  const page = await (await fetch(await serve(true))).text();
  expect(inPage(page)).toContain("\\u003c/script>\\u003cscript>alert(1)");
  expect(page.match(/<script\b[^>]*>/g)).toEqual([
    '<script type="application/json" id="answers">',
    "<script>",
    expect.stringContaining('type="module"'),
  ]);
  expect(JSON.parse(inPage(withAnswers("<script>", JSON.stringify({ a: "<!--<script>$&" })))!)).toEqual({ a: "<!--<script>$&" });
});

test("outside of Home Assistant, where the page is anybody's, it holds nothing of the home", async () => {
  const response = await fetch(await serve(false));
  expect([inPage(await response.text()), response.headers.get("cache-control")]).toEqual([undefined, "no-cache"]);
});

test("a page does not wait for answers that do not come", async () => {
  const url = await serve(true, true);
  const began = performance.now();
  expect(inPage(await (await fetch(url)).text())).toBe(undefined);
  expect(performance.now() - began).toBeLessThan(2000);
});

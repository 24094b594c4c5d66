import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkTokens } from "../../src/cli/doctor/tokens.ts";
import { tokenCommand } from "../../src/cli/token.ts";
import { readConfig } from "../../src/config/config.ts";
import { addToken, createTokenCheck, readTokens, revokeToken } from "../../src/runtime/token-file.ts";
import { temporaryFolder } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);

test("a token opens until it is revoked, at once both, and its file holds no token and is nobody else's", () => {
  const path = join(temporaryFolder(), "api_tokens.json");
  const troubles: unknown[] = [];
  const check = createTokenCheck(path, (error) => troubles.push(error));
  expect(check("anything")).toBeNull();
  const token = addToken(path, { name: "grafana", scope: "read", nowMs: NOW });
  const other = addToken(path, { name: "phone", scope: "label", nowMs: NOW });
  expect(token).toMatch(/^mldl_[\w-]{43}$/);
  expect(check(token)).toMatchObject({ name: "grafana", scope: "read" });
  expect(check(other)).toMatchObject({ name: "phone", scope: "label" });
  for (const wrong of ["", token.slice(0, -1), `${token}x`, readTokens(path)[0]!.hash]) expect(check(wrong)).toBeNull();
  expect(readFileSync(path, "utf8")).not.toContain(token.slice(5));
  expect(statSync(path).mode & 0o077).toBe(0);
  revokeToken(path, "grafana");
  expect([check(token), check(other)?.name]).toEqual([null, "phone"]);
  expect(troubles).toEqual([]);
});

test("a file of tokens that cannot be read lets nobody in and says so, and is never overwritten", () => {
  const path = join(temporaryFolder(), "api_tokens.json");
  const troubles: unknown[] = [];
  const token = addToken(path, { name: "grafana", scope: "admin", nowMs: NOW });
  writeFileSync(path, readFileSync(path, "utf8").slice(0, 40));
  const check = createTokenCheck(path, (error) => troubles.push(error));
  expect([check(token), check(token)]).toEqual([null, null]);
  expect(troubles).toHaveLength(1);
  expect(() => addToken(path, { name: "phone", scope: "read", nowMs: NOW })).toThrow(/is damaged inside/);
});

/** From here to the test's end no file of root's, or of nobody's, may be read. */
function asAnybody(folder: string): void {
  if (process.getuid!() !== 0) return;
  chmodSync(folder, 0o755);
  process.seteuid!(65_534);
  onTestFinished(() => process.seteuid!(0));
}

test("a file of tokens that this user may not read is told as that, is not to be deleted, and opens as soon as it may", () => {
  const folder = temporaryFolder();
  const path = join(folder, "api_tokens.json");
  const token = addToken(path, { name: "grafana", scope: "read", nowMs: NOW });
  const troubles: unknown[] = [];
  const check = createTokenCheck(path, (error) => troubles.push(error));
  const rights = (mode: number): void => {
    if (process.getuid!() === 0) process.seteuid!(0);
    chmodSync(path, mode);
    asAnybody(folder);
  };
  rights(0o644);
  expect(check(token)?.name).toBe("grafana");
  rights(0o000);
  // What can be read no longer is accepted no longer, as the marker says.
  expect([check(token), check(token)]).toEqual([null, null]);
  expect(troubles.map(String)).toEqual([
    expect.stringMatching(/not readable by the user of this process \(\d+; EACCES\).*Do not delete it/),
  ]);
  const [found] = checkTokens(readConfig({ DATA_FOLDER: folder }));
  expect(found).toMatchObject({
    state: "fail",
    words: expect.stringContaining("EACCES"),
    remedy: expect.stringMatching(/chown .*Do not delete it/),
  });
  // Broken once: rights change neither length nor time nor inode, so it was never read again.
  rights(0o644);
  expect(check(token)?.name).toBe("grafana");
  expect(checkTokens(readConfig({ DATA_FOLDER: folder }))[0]).toMatchObject({ state: "ok" });
});

test("a read that failed is tried again though nothing has changed at the file", () => {
  const folder = temporaryFolder();
  const hidden = join(folder, "hidden");
  mkdirSync(hidden);
  const path = join(hidden, "api_tokens.json");
  const token = addToken(path, { name: "grafana", scope: "read", nowMs: NOW });
  chmodSync(path, 0o644);
  chmodSync(hidden, 0o000);
  asAnybody(folder);
  const check = createTokenCheck(path, () => undefined);
  expect(check(token)).toBeNull();
  if (process.getuid!() === 0) process.seteuid!(0);
  chmodSync(hidden, 0o755);
  asAnybody(folder);
  expect(check(token)?.name).toBe("grafana");
});

test.each([
  [
    "half of it is lost",
    (path: string) => writeFileSync(path, '{"tokens": ['),
    /damaged inside \(it is no whole JSON\).*delete it and make the tokens anew/,
  ],
  ["it holds something else", (path: string) => writeFileSync(path, "{}"), /damaged inside \(it holds something else.*delete it/],
  ["it is a folder", (path: string) => mkdirSync(path), /could not be read \(EISDIR.*Do not delete it/],
])("where %s, the words say what is wrong and what to do", (_what, harm, words) => {
  const path = join(temporaryFolder(), "api_tokens.json");
  harm(path);
  expect(() => readTokens(path)).toThrow(words);
});

test("a name is used once, and one that cannot be shown is refused", () => {
  const path = join(temporaryFolder(), "api_tokens.json");
  addToken(path, { name: "my phone", scope: "read", nowMs: NOW });
  for (const name of ["my phone", "", " x", "a\nb", "x".repeat(41)])
    expect(() => addToken(path, { name, scope: "read", nowMs: NOW })).toThrow(RangeError);
  expect(() => revokeToken(path, "other")).toThrow(/no token other/);
});

test("the command prints the token this once, and lists none", async () => {
  const folder = temporaryFolder();
  const environment = { DATA_FOLDER: folder };
  const printed: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => printed.push(text) > 0) as typeof write;
  try {
    expect(await tokenCommand.run(["add", "grafana", "--scope", "label"], environment)).toBe(0);
    expect(await tokenCommand.run(["list"], environment)).toBe(0);
    await expect(tokenCommand.run(["add", "x", "--scope", "all"], environment)).rejects.toThrow(/must be read, label, admin/);
    expect(await tokenCommand.run(["revoke", "grafana"], environment)).toBe(0);
  } finally {
    process.stdout.write = write;
  }
  expect(printed[0]).toMatch(/^mldl_[\w-]{43}\n$/);
  expect(printed[1]).toMatch(/^grafana\tlabel\t2\d{3}-/);
  expect(readTokens(join(folder, "api_tokens.json"))).toEqual([]);
});

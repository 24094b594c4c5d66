import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tokenCommand } from "../../src/cli/token.ts";
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
  expect(() => addToken(path, { name: "phone", scope: "read", nowMs: NOW })).toThrow(/cannot be read/);
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

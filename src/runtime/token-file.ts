import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Config } from "../config.ts";

/** What a token may: read, also say labels, or everything. */
export const TOKEN_SCOPES = ["read", "label", "admin"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface Token {
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdAtUtc: string;
  /** SHA-256 of the token, hex. It holds 256 random bits, so nothing slower is needed. */
  readonly hash: string;
}

const fileSchema = z.strictObject({
  tokens: z.array(
    z.strictObject({ name: z.string(), scope: z.enum(TOKEN_SCOPES), createdAtUtc: z.string(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u;
const PREFIX = "mldl_";

/** Beside the backups' folder: inside Home Assistant the app's own, which no other app sees. Not in the database, whose restore would bring revoked tokens back. */
export function tokenFilePath({ backupFolder }: Config): string {
  return join(dirname(backupFolder), "api_tokens.json");
}

/** @throws Error in words when the file is there and holds something else. */
export function readTokens(path: string): Token[] {
  if (!existsSync(path)) return [];
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8"))).tokens;
  } catch (cause) {
    throw new Error(`The file of tokens ${path} cannot be read, so no token is accepted. Delete it and make the tokens anew.`, { cause });
  }
}

/** Makes a token; it is told this once, only its hash is kept. @throws RangeError in words when the name cannot be. */
export function addToken(path: string, { name, scope, nowMs }: { name: string; scope: TokenScope; nowMs: number }): string {
  const tokens = readTokens(path);
  if (!NAME.test(name)) throw new RangeError("A token's name has 1 to 40 letters, digits, spaces, points, dashes or underscores.");
  if (tokens.some((token) => token.name === name))
    throw new RangeError(`There is a token ${name} already. Revoke it first, or choose another name.`);
  const text = `${PREFIX}${randomBytes(32).toString("base64url")}`;
  writeTokens(path, [...tokens, { name, scope, createdAtUtc: new Date(nowMs).toISOString(), hash: hashOf(text).toString("hex") }]);
  return text;
}

/** @throws RangeError when there is none of that name. */
export function revokeToken(path: string, name: string): void {
  const tokens = readTokens(path);
  const kept = tokens.filter((token) => token.name !== name);
  if (kept.length === tokens.length) throw new RangeError(`There is no token ${name}; "token list" shows them.`);
  writeTokens(path, kept);
}

function writeTokens(path: string, tokens: readonly Token[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
}

/** Finds the token that somebody shows; the file is read again when it was changed, so that a revoked one ends at once. */
export function createTokenCheck(path: string, onTrouble: (error: unknown) => void): (shown: string) => Token | null {
  let stamp = "";
  let tokens: readonly Token[] = [];

  function refresh(): void {
    const facts = statSync(path, { throwIfNoEntry: false });
    const now = facts === undefined ? "none" : `${facts.mtimeMs} ${facts.size} ${facts.ino}`;
    if (now === stamp) return;
    stamp = now;
    tokens = [];
    try {
      tokens = readTokens(path);
    } catch (error) {
      onTrouble(error);
    }
  }

  return (shown) => {
    refresh();
    const hash = hashOf(shown);
    let found: Token | null = null;
    // Every token is compared, each in the same time: how long it takes tells nothing of which came close.
    for (const token of tokens) if (timingSafeEqual(Buffer.from(token.hash, "hex"), hash)) found = token;
    return found;
  };
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

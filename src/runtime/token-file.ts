import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Config } from "../config/config.ts";
import { makeWritable } from "../store/folder-fault.ts";

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

/** The file of tokens is there and cannot be used. What is whole must not be deleted, so each cause has a remedy of its own. */
export class TokensUnusable extends Error {
  readonly words: string;
  readonly remedy: string;
  constructor(words: string, remedy: string, options: ErrorOptions) {
    super(`${words} ${remedy}`, options);
    this.name = "TokensUnusable";
    this.words = words;
    this.remedy = remedy;
  }
}

/** @throws TokensUnusable */
export function readTokens(path: string): Token[] {
  const text = textOf(path);
  if (text === null) return [];
  try {
    return fileSchema.parse(JSON.parse(text)).tokens;
  } catch (cause) {
    const what = cause instanceof SyntaxError ? "it is no whole JSON" : "it holds something else than tokens";
    throw new TokensUnusable(
      `The file of tokens ${path} is damaged inside (${what}), so no token is accepted.`,
      "Restore it from a backup of Home Assistant, or delete it and make the tokens anew by the command `token add`.",
      { cause },
    );
  }
}

/** Null where there is no file. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    const user = process.geteuid?.() ?? "node";
    if (code === "EACCES" || code === "EPERM") {
      throw new TokensUnusable(
        `The file of tokens ${path} is not readable by the user of this process (${user}; ${code}), so no token is accepted.`,
        `Give it back to the user that the app runs as: as root, \`chown ${user} ${path}\` and \`chmod 600 ${path}\`, and let that user into its folder. Do not delete it: its tokens are not lost.`,
        { cause },
      );
    }
    throw new TokensUnusable(
      `The file of tokens ${path} could not be read (${message}), so no token is accepted.`,
      "See to what that says of its disk or its folder; it is tried again by itself. Do not delete it: its tokens may not be lost.",
      { cause },
    );
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
  makeWritable(dirname(path));
  const unfinished = `${path}.tmp`;
  try {
    writeFileSync(unfinished, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600 });
    renameSync(unfinished, path);
  } catch (error) {
    // Of a disk that is full the half that was written would take the last of its room.
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/**
 * Finds the token that somebody shows; the file is read again when it or its rights were changed, so that a revoked one ends at once. A read that
 * failed is tried again each time, for nothing need change at the file when it can be read once more; its words are told once.
 */
export function createTokenCheck(path: string, onTrouble: (error: unknown) => void): (shown: string) => Token | null {
  let stamp: string | null = null;
  let tokens: readonly Token[] = [];
  let told = "";

  function refresh(): void {
    const now = stampOf(path);
    if (now !== null && now === stamp) return;
    stamp = null;
    tokens = [];
    try {
      tokens = readTokens(path);
      stamp = now;
      told = "";
    } catch (error) {
      if (String(error) !== told) onTrouble(error);
      told = String(error);
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

/** Null where the folder does not let it be seen. */
function stampOf(path: string): string | null {
  try {
    const facts = statSync(path, { throwIfNoEntry: false });
    return facts === undefined ? "none" : `${facts.mtimeMs} ${facts.ctimeMs} ${facts.size} ${facts.ino}`;
  } catch {
    return null;
  }
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

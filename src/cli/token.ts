import { readConfig } from "../config/config.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { addToken, readTokens, revokeToken, TOKEN_SCOPES, tokenFilePath } from "../runtime/token-file.ts";
import { type Command, printJson, readWords } from "./command.ts";

const USAGE = "token add NAME [--scope read|label|admin] | list | revoke NAME  [--json]";

export const tokenCommand: Command = {
  name: "token",
  usage: USAGE,
  summary: "Tokens for programs that ask the API over the network: make one (add), list them, end one (revoke).",
  details: `  add        makes a token and prints it, this once; only its hash is kept
  list       names, scopes, when they were made
  revoke     ends one, at once

Scopes: read sees everything, label may also say labels and answer changes, admin may do everything that the page can.
This machine and Home Assistant's ingress need no token. Programs send it as "Authorization: Bearer TOKEN".
`,
  async run(words, environment) {
    const { values, free } = readWords(words, { scope: { type: "string" }, json: { type: "boolean" } }, USAGE, 2);
    const [action, name] = free;
    const path = tokenFilePath(readConfig(environment));
    if (action === "list" && name === undefined) return list(path, values.json ?? false);
    if (action === "add" && name !== undefined) {
      const scope = TOKEN_SCOPES.find((each) => each === (values.scope ?? "read"));
      if (scope === undefined) throw new WrongUsage(`--scope is ${JSON.stringify(values.scope)}; it must be ${TOKEN_SCOPES.join(", ")}.`);
      const token = addToken(path, { name, scope, nowMs: createSystemClock().nowMs() });
      if (values.json) printJson({ name, scope, token });
      else process.stdout.write(`${token}\n`);
      process.stderr.write("Keep it: it is not shown again.\n");
      return EXIT.success;
    }
    if (action === "revoke" && name !== undefined) {
      revokeToken(path, name);
      process.stderr.write(`The token ${name} is no longer accepted.\n`);
      return EXIT.success;
    }
    throw new WrongUsage(`Usage: ${USAGE}`);
  },
};

function list(path: string, asJson: boolean): number {
  const tokens = readTokens(path).map(({ name, scope, createdAtUtc }) => ({ name, scope, createdAtUtc }));
  if (asJson) printJson(tokens);
  else for (const { name, scope, createdAtUtc } of tokens) process.stdout.write(`${name}\t${scope}\t${createdAtUtc}\n`);
  if (tokens.length === 0) process.stderr.write("There is no token yet; make one with: token add NAME --scope read\n");
  return EXIT.success;
}

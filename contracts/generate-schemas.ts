import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { CONTRACT_NAMES } from "../src/core/contracts/contract.ts";
import { CONTRACT_ROWS, type ContractName } from "../src/core/contracts/rows.ts";
import { CONTRACT_VERSION } from "../src/core/contracts/version.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SUFFIX = ".schema.json";

/** The JSON Schema (draft 2020-12) of one row of a view, as text. */
export function schemaText(name: ContractName): string {
  const { $schema, ...row } = z.toJSONSchema(CONTRACT_ROWS[name]);
  const described = { $schema, title: name, description: `One row of ${name}, contract version ${CONTRACT_VERSION}.`, ...row };
  return `${JSON.stringify(described, null, 2)}\n`;
}

/** Names of the files in `folder` that differ from what the row schemas say: changed, missing, or of a view that is no more. */
export function outdatedSchemas(folder: string = FOLDER): string[] {
  const present = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => [file, readFileSync(`${folder}/${file}`, "utf8")]),
  );
  const wanted = new Map(CONTRACT_NAMES.map((name) => [name + SUFFIX, schemaText(name)]));
  return [...new Set([...wanted.keys(), ...present.keys()])].filter((file) => wanted.get(file) !== present.get(file)).sort();
}

function writeSchemas(folder: string): void {
  for (const file of outdatedSchemas(folder)) rmSync(`${folder}/${file}`, { force: true });
  for (const name of CONTRACT_NAMES) writeFileSync(`${folder}/${name}${SUFFIX}`, schemaText(name));
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const outdated = outdatedSchemas();
    for (const file of outdated) process.stderr.write(`contracts/${file} is not what src/core/contracts/rows.ts says\n`);
    if (outdated.length > 0) process.stderr.write("Run: node contracts/generate-schemas.ts\n");
    process.exitCode = outdated.length > 0 ? 1 : 0;
  } else {
    writeSchemas(FOLDER);
  }
}

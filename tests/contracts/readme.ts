import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONTRACTS_FOLDER } from "./contract-database.ts";

/** Where the file lies in the app, as the README tells consumers. */
export const APP_PATH = "/share/ml_data_layer/ha_ml_data_layer.db";

/** The text of the README's code block in that language. @throws when there is not exactly one. */
export function readmeBlock(language: string): string {
  const text = readFileSync(join(CONTRACTS_FOLDER, "README.md"), "utf8");
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((block) => block[1] === language);
  if (blocks.length !== 1) throw new Error(`contracts/README.md has ${blocks.length} blocks of ${language}`);
  return blocks[0]![2]!;
}

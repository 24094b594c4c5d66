import { expect, test } from "vitest";
import { labelCommand } from "../../src/cli/label.ts";
import { modelsCommand } from "../../src/cli/models.ts";
import { temporaryDatabase } from "../helpers/database.ts";

test("commands asked of a database that has not met its home say so, instead of naming an empty list of targets", async () => {
  const { path } = temporaryDatabase();
  const wishes = [
    [labelCommand, "list"],
    [labelCommand, "suggestions"],
    [labelCommand, "accept", "7"],
    [modelsCommand, "list"],
  ] as const;
  for (const [command, ...words] of wishes) {
    await expect((async () => command.run(words, { DB_PATH: path }))()).rejects.toThrow(/has not met its home yet\. Start the app once/);
  }
});

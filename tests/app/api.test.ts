import { expect, test } from "vitest";
import { type ApiParts, createApi } from "../../src/app/api.ts";
import { optionsSchema } from "../../src/config/options.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { temporaryDatabase } from "../helpers/database.ts";

test.each([
  ["the one Home Assistant told", {}, "Europe/Amsterdam"],
  ["the option, where it overrides that", { time_zone: "Asia/Kathmandu" }, "Asia/Kathmandu"],
])("the zone of the API is %s, as on the command line", async (_which, given, zone) => {
  const db = temporaryDatabase();
  const { read } = inlineReader(db);
  const api = createApi({
    database: { reads: { readSoon: read } },
    config: { options: optionsSchema.parse(given) },
  } as unknown as ApiParts);
  setMetadata(db, { time_zone: "Europe/Amsterdam" });
  expect(await api.timeZone()).toBe(zone);
});

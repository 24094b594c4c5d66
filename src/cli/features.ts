import { readConfig } from "../config/config.ts";
import { EXIT } from "../exit.ts";
import { type FeatureList, type ListedEntity, listFeatures } from "../flow/feature-list.ts";
import { stageOptions } from "../runtime/stage-options.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { runStage } from "./alone.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone } from "./home-zone.ts";
import { optionTime } from "./said-time.ts";

export const featuresCommand: Command = {
  name: "features",
  usage: "features [--rebuild] [--from INSTANT --to INSTANT] [--json] | features --list [--json]",
  summary:
    "Computes windows that are missing; --rebuild computes stored ones again (the numbers stay the same); --list shows the catalogue.",
  details:
    "--list says of each entity which features it gives, or why none, under the options as they are now. A feature or an entity is opted in by " +
    "the option features.include, and left out by features.exclude.",
  async run(words, environment) {
    const { values } = readWords(
      words,
      {
        from: { type: "string" },
        to: { type: "string" },
        json: { type: "boolean" },
        rebuild: { type: "boolean" },
        list: { type: "boolean" },
      },
      this.usage,
      0,
    );
    if (values.list) return list(environment, values.json ?? false);
    const zone = (): string => homeZone(environment).timeZone;
    const [fromMs, toMs] = [optionTime(values.from, "from", zone), optionTime(values.to, "to", zone)];
    const result = await runStage(environment, "features", {
      rebuild: values.rebuild ?? false,
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
    });
    if (values.json) printJson(result);
    else process.stdout.write(`windows: ${result.windows}, featureSet: ${result.featureSet ?? "none yet"}\n`);
    return EXIT.success;
  },
};

function list(environment: Environment, asJson: boolean): number {
  const { dbPath, options } = readConfig(environment);
  const db = openExisting(dbPath);
  try {
    const found = listFeatures(db, stageOptions(options, options.time_zone ?? getMetadata(db, "time_zone") ?? "UTC"));
    for (const finding of found.findings) process.stderr.write(`${finding}\n`);
    if (asJson) printJson(found);
    else process.stdout.write(`${screen(found).join("\n")}\n`);
    return EXIT.success;
  } finally {
    db.close();
  }
}

function screen({ entities, shared, sharedLeftOut, maximum }: FeatureList): string[] {
  const own = entities.reduce((sum, { gives }) => sum + gives.length, 0);
  const left = sharedLeftOut.length + entities.reduce((sum, entity) => sum + entity.leftOut.length, 0);
  return [
    `${own + shared.length} features (at most ${maximum}); ${left} more could be opted in by features.include.`,
    "",
    `clock, home and areas: ${shared.join(", ")}`,
    "",
    ...entities.map(lineOf),
  ];
}

function lineOf({ entityId, gives, joins, leftOut, reason }: ListedEntity): string {
  if (reason !== null) return `${entityId}: nothing (${reason})`;
  const short = (name: string): string => (name === entityId ? "its value now" : name.slice(entityId.length + 1));
  const words = [
    ...(gives.length > 0 ? [gives.map(short).join(", ")] : []),
    ...(joins.length > 0 ? [`a part in ${joins.length} of its area and the home`] : []),
    ...(leftOut.length > 0 ? [`${leftOut.length} more left out (${[...new Set(leftOut.map((each) => each.reason))].join(", ")})`] : []),
  ];
  return `${entityId}: ${words.join("; ")}`;
}

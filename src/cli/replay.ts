import { optionsSchema } from "../config/options.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { progressLine } from "../runtime/progress.ts";
import { readRecordedHome } from "../runtime/replay/recorded-home.ts";
import { replay } from "../runtime/replay/replay.ts";
import { stageOptions } from "../runtime/stage-options.ts";
import { type Command, printJson, readWords } from "./command.ts";
import { optionTime } from "./said-time.ts";

const USAGE = "replay FOLDER --db FILE [--until INSTANT] [--json]";

export const replayCommand: Command = {
  name: "replay",
  usage: USAGE,
  summary: "Lives a recorded home again through the very stages of the app, on a clock that jumps, into a database of its own.",
  async run(words) {
    const { values, free } = readWords(words, { db: { type: "string" }, until: { type: "string" }, json: { type: "boolean" } }, USAGE, 1);
    const folder = free[0];
    if (folder === undefined || values.db === undefined) throw new WrongUsage(`A folder and --db are wanted.\nUsage: ${USAGE}`);
    const home = readRecordedHome(folder);
    const untilMs = optionTime(values.until, "until", () => home.timeZone);
    const options = stageOptions(optionsSchema.parse({}), home.timeZone);
    const clock = createSystemClock();
    const progress = progressLine(clock, `replay of ${home.name}`);
    const summary = await replay(home, {
      dbPath: values.db,
      gridMs: options.gridMs,
      gates: options.gates,
      maxLabelHours: options.maxLabelHours,
      exclude: [],
      systemNowMs: clock.nowMs(),
      ...(untilMs === undefined ? {} : { untilMs }),
      onProgress: (_atMs, share) => progress.show({ share }),
    });
    progress.end();
    if (values.json) printJson(summary);
    else {
      for (const [name, value] of Object.entries(summary))
        process.stdout.write(`${name}: ${typeof value === "object" ? JSON.stringify(value) : value}\n`);
    }
    return summary.failures.length === 0 ? EXIT.success : EXIT.failed;
  },
};

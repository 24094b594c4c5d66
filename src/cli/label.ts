import { readConfig } from "../config/config.ts";
import { isCalendarDate } from "../core/said-instant.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { changeLabels, type LabelWish } from "../flow/label-wishes.ts";
import type { LabelAnswer } from "../flow/told-label.ts";
import { askOrRun } from "./alone.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { homeZone } from "./home-zone.ts";
import { readLabelFile } from "./label-file.ts";
import { listLabels } from "./label-list.ts";
import { setUpLabels } from "./label-setup.ts";
import { acceptedWish, listSuggestions } from "./label-suggestions.ts";
import { endSaid, timeSaid } from "./said-time.ts";
import { whoAmI } from "./who.ts";

const USAGE =
  "label setup | list | add START END | none DATE | exclude START END | import FILE | remove ID | suggestions | accept ID  [--target NAME] [--json]";
const OPTIONS = { target: { type: "string" }, json: { type: "boolean" } } as const;
const DETAILS = `START and END are local times like 2026-11-20T23:10, or instants with a zone.

  setup      makes the helpers that the targets name and Home Assistant does not have, and prints a dashboard card to paste
  list       all labels, those that were turned down with the reason
  add        it was so from START to END; takes the place of labels that it overlaps, which stay in the history
  none       it did not happen in the night to DATE (YYYY-MM-DD)
  exclude    what was from START to END does not count: guests, illness, holidays; neither learned from nor alerted on
  import     a CSV: a line of column names, start and end among them, perhaps kind (positive, negative, excluded), time_zone,
             captured_at, target; then one label a line. A line that is none is named with its reason, the others are taken in.
             An export of vw_labels can be imported as it is. Exits 1 when no line could be taken in.
  remove     takes label ID away; it stays in the history
  suggestions  nights without a label in which the home fell silent and woke near the usual times; none is used unless it is accepted
  accept     suggestion ID is right: it becomes a label
`;

export const labelCommand: Command = {
  name: "label",
  usage: USAGE,
  summary:
    "Labels: make their helpers (setup), list them, say that it was so (add) or not (none), leave a span out (exclude), import a CSV, take one away.",
  details: DETAILS,
  async run(words, environment) {
    const { values, free } = readWords(words, OPTIONS, USAGE, 3);
    const [action, first, second] = free;
    const targetName = values.target ?? readConfig(environment).options.targets[0]!.name;
    if (action === "setup" && first === undefined) return setUpLabels(environment, values.json);
    if (action === "suggestions" && first === undefined) return listSuggestions(environment, targetName, values.json);
    if (action === "list") return listLabels(environment, targetName, values.json);
    const tell = (wish: LabelWish) =>
      askOrRun(environment, "label", { targetName, wish }, (context) => changeLabels(context, { targetName, wish }));
    if (action === "import" && first !== undefined && second === undefined) {
      const { labels, faults } = readLabelFile(first, homeZone(environment), targetName);
      const answer = await tell({ kind: "tell", source: "csv", saidBy: whoAmI(), labels });
      const rejected = [...faults, ...answer.rejected].sort((a, b) => a.line - b.line);
      for (const { line, reason } of values.json ? [] : rejected) process.stderr.write(`${first}, line ${line}: ${reason}\n`);
      if (values.json) printJson({ ...answer, lines: labels.length + faults.length, rejected });
      else process.stdout.write(`${labels.length + faults.length} lines: ${inWords({ ...answer, rejected })}\n`);
      return rejected.length > 0 && answer.rejected.length === labels.length ? EXIT.failed : EXIT.success;
    }
    if (action === "accept" && first !== undefined && second === undefined) {
      return told(await tell(acceptedWish(environment, targetName, first)), values.json);
    }
    return told(await tell(wishOf(environment, action, first, second)), values.json);
  },
};

function told(answer: LabelAnswer, asJson: boolean | undefined): number {
  if (asJson) printJson(answer);
  else process.stdout.write(`${inWords(answer)}\n`);
  return EXIT.success;
}

function inWords({ added, replaced, known, rejected }: LabelAnswer): string {
  const lines = rejected.length === 0 ? "" : `, ${rejected.length} turned down`;
  return `${added} added, ${replaced} replaced or taken away, ${known} there already${lines}`;
}

function wishOf(environment: Environment, action: string | undefined, first: string | undefined, second: string | undefined): LabelWish {
  const said = { source: "command", saidBy: whoAmI() };
  if (first !== undefined && second === undefined) {
    if (action === "remove" && /^\d+$/.test(first)) return { kind: "remove", id: Number(first) };
    if (action === "none" && isCalendarDate(first)) return { kind: "none", date: first, ...said };
    if (action === "none") throw new WrongUsage(`${JSON.stringify(first)} is no day of the calendar like 2026-11-20.`);
  }
  if ((action === "add" || action === "exclude") && first !== undefined && second !== undefined) {
    const kind = action === "add" ? "positive" : "excluded";
    const zone = (): string => homeZone(environment).timeZone;
    const startMs = timeSaid(first, zone);
    const span = {
      startMs,
      endMs: endSaid(second, zone, startMs),
      kind,
      rawStart: first,
      rawEnd: second,
    } as const;
    return { kind: "tell", labels: [span], ...said };
  }
  throw new WrongUsage(`Usage: ${USAGE}`);
}

import { join } from "node:path";
import { reasonOf } from "../../core/reason.ts";
import { type AppLane, type AppStatus, createAppLane, type Held, type LaneParts } from "./app-lane.ts";
import { type AppEntry, type AppsFile, readAppsFile } from "./folder/apps-file.ts";
import { APPS_FILE } from "./folder/apps-yaml.ts";
import { withDependants } from "./folder/dependencies.ts";
import { createFileMarks } from "./folder/file-marks.ts";
import { isFile } from "./folder/is-file.ts";
import { changedMs } from "./folder/newest-change.ts";
import { createStripper } from "./thread/stripper.ts";

export interface AppsParts extends Omit<LaneParts, "stripper"> {
  readonly folder: string;
  /** Of the first start. */
  readonly held?: readonly Held[];
  /** What is wrong with apps.yaml; empty = nothing. */
  readonly onFindings: (findings: readonly string[]) => void;
}

export interface Apps {
  /** Starts what apps.yaml names, and follows the folder. Resolves when each app has been started, well or not. */
  start(): Promise<void>;
  status(): readonly AppStatus[];
  /** Whether apps.yaml has been read, so that all are known. */
  hasRead(): boolean;
  stop(): Promise<void>;
}

const LOOK_MS = 1000;

/** The apps of a folder: started in the order of their dependencies; what is saved is loaded anew, and nothing else. */
export function createApps(parts: AppsParts): Apps {
  const { folder, clock } = parts;
  const yaml = join(folder, APPS_FILE);
  const lanes = new Map<string, AppLane>();
  /** Ended starts are forgotten with their lanes. */
  const starts = new WeakMap<AppLane, Promise<void>>();
  const held = new Map(parts.held?.map((each) => [each.app, each]));
  const marks = createFileMarks();
  const stripper = createStripper(parts.ports.agenda, clock.nowMs);
  let wanted: AppsFile = { entries: [], named: [], findings: [], awaited: [], isReadable: true };
  let stopLooking: (() => void) | null = null;
  let working: Promise<void> = Promise.resolve();
  let isLooking = false;
  let hasRead = false;
  let hasFailed = false;
  let told = "";
  let isStopped = false;

  const watched = (): string[] => [...new Set([yaml, ...wanted.awaited, ...[...lanes.values()].flatMap((lane) => lane.files())])];

  /** One change of the folder after the other. One that fails is told, and tried again with the next look. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    working = working
      .then(() => (isStopped ? undefined : work()))
      .then(
        () => tell(null),
        (error: unknown) => tell(`The folder could not be followed: ${reasonOf(error)}.`),
      );
    return working;
  }

  /** What is wrong now, once. */
  function tell(failure: string | null): void {
    if (isStopped) return;
    hasFailed = failure !== null;
    const findings = failure === null ? wanted.findings : [...wanted.findings, failure];
    if (JSON.stringify(findings) === told) return;
    told = JSON.stringify(findings);
    parts.onFindings(findings);
  }

  function readFolder(): void {
    const read = readAppsFile(folder);
    // A file that is half written leaves what runs alone.
    wanted = read.isReadable ? read : { ...wanted, findings: read.findings };
  }

  /**
   * Ends what was touched and begins what is wanted. Starts are not waited for, or an app that hangs in its own would keep all others from being
   * loaded anew: those that depend on one wait for it by themselves.
   */
  async function apply(touched: readonly string[]): Promise<void> {
    const names = [...lanes.values()].filter((lane) => isTouched(lane, touched)).map((lane) => lane.entry.name);
    const ending = withDependants(
      names,
      [...lanes.values()].map((lane) => lane.entry),
    );
    // Those that depend on others end first.
    for (const lane of [...lanes.values()].reverse()) {
      if (!ending.has(lane.entry.name)) continue;
      await lane.stop();
      lanes.delete(lane.entry.name);
      // Nothing is wrong any more with what nobody wants.
      if (wanted.entries.some((entry) => entry.name === lane.entry.name)) continue;
      parts.reports.recovered(lane.entry.name);
      const why = wanted.awaited.includes(lane.entry.file) ? "its file is gone" : "apps.yaml names it no more, or is gone";
      parts.reports.log(lane.entry.name, "info", `The app is stopped: ${why}.`);
    }
    if (isStopped) return;
    for (const entry of wanted.entries) {
      if (lanes.has(entry.name)) continue;
      const lane = createAppLane(entry, { ...parts, stripper }, heldStill(entry));
      held.delete(entry.name);
      lanes.set(entry.name, lane);
      starts.set(lane, begin(lane));
    }
    reorder(wanted.entries);
    hasRead = true;
  }

  async function begin(lane: AppLane): Promise<void> {
    await lane.start(lane.entry.dependencies.map((name) => lanes.get(name)!));
    // What it imports is known now, and as it stands it has been read.
    await marks.meet(lane.files());
  }

  function isTouched(lane: AppLane, touched: readonly string[]): boolean {
    const entry = wanted.entries.find((each) => each.name === lane.entry.name);
    const isRunning = lane.status().state === "running";
    return words(entry, isRunning) !== words(lane.entry, isRunning) || lane.files().some((file) => touched.includes(file));
  }

  /** What an entry says. Where in the file it stands matters only to an app that may have to name its lines. */
  function words(entry: AppEntry | undefined, isRunning: boolean): string {
    return JSON.stringify(isRunning ? { ...entry, lines: null } : entry);
  }

  /** Whoever is saved anew is started at once. */
  function heldStill({ name, file }: AppEntry): Held | undefined {
    const found = held.get(name);
    return found !== undefined && Math.max(changedMs(file), changedMs(yaml)) <= found.savedMs ? found : undefined;
  }

  /** As in apps.yaml, dependencies first. */
  function reorder(entries: readonly AppEntry[]): void {
    const sorted = entries.flatMap((entry) => lanes.get(entry.name) ?? []);
    lanes.clear();
    for (const lane of sorted) lanes.set(lane.entry.name, lane);
  }

  async function look(): Promise<void> {
    const touched = await marks.changed(watched());
    if (touched.length === 0 && !hasFailed) return;
    await marks.settle(touched);
    // Of an app's file that has gone the reader of apps.yaml says so, with the line.
    if (hasFailed || touched.some((file) => file === yaml || wanted.awaited.includes(file) || !isFile(file))) readFolder();
    await apply(touched);
    await marks.changed(watched());
  }

  return {
    async start() {
      stopLooking = clock.timer(LOOK_MS, () => {
        if (isLooking) return;
        isLooking = true;
        void inTurn(look).finally(() => {
          isLooking = false;
        });
      });
      await inTurn(async () => {
        await marks.settle([yaml]);
        readFolder();
        await marks.settle(wanted.entries.map((entry) => entry.file));
        await apply([]);
        await marks.changed(watched());
      });
      await Promise.all([...lanes.values()].map((lane) => starts.get(lane)));
    },
    status: () => [...lanes.values()].map((lane) => lane.status()),
    hasRead: () => hasRead,
    async stop() {
      isStopped = true;
      stopLooking?.();
      const ending = [...lanes.values()].reverse();
      await Promise.all(ending.map((lane) => lane.stop()));
      await working;
      await stripper.stop();
    },
  };
}

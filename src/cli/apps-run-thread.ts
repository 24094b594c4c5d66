import { basename, dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { EXIT, exitCodeOf, explain } from "../exit.ts";
import { APPS_FILE, type ArgLines } from "../runtime/apps/folder/apps-yaml.ts";
import { travel } from "../runtime/apps/simulated/time-travel.ts";
import { WrongArguments } from "../runtime/apps/thread/args.ts";
import { faultOf, faultWords } from "../runtime/apps/thread/fault.ts";
import { loadAppClass } from "../runtime/apps/thread/load.ts";
import { tellExit } from "../runtime/apps/thread/own-end.ts";
import { resolveForApps } from "../runtime/apps/thread/resolve.ts";
import { BEAT_MS } from "../runtime/apps/thread/thread-data.ts";
import { ownThreadId } from "../runtime/threads/priority.ts";
import { deedData, deedLines } from "./app-lines.ts";
import { openPast, type PastWish } from "./open-past.ts";

/** The thread in which an app lives through a past. An app that loops or ends the program does it here, and the command has the last word. */

export interface LifeWish {
  readonly file: string;
  readonly name: string;
  readonly className: string | null;
  readonly args: unknown;
  readonly lines: ArgLines | undefined;
  /** No apps.yaml names the file, so there are no arguments. */
  readonly isUnnamed: boolean;
  readonly speed: number | undefined;
  readonly isJson: boolean;
  readonly past: PastWish;
  readonly usualDb: string;
}

export interface LifeData extends LifeWish {
  /** What an app's thread moves, and its id. */
  readonly beat: SharedArrayBuffer;
  /** A Float64: where the home's clock stands. */
  readonly instant: SharedArrayBuffer;
}

/** What the thread tells the command: a line to print, that the life begins, how far it is, and how it ended. */
export type LifeTold =
  | { readonly line: string }
  | { readonly timeZone: string }
  | { readonly share: number }
  | { readonly end: string; readonly code: number };

const data = workerData as LifeData;
const beat = new Int32Array(data.beat);
const instant = new Float64Array(data.instant);
const port = parentPort!;
const tell = (told: LifeTold): void => port.postMessage(told, []);

Atomics.store(beat, 1, ownThreadId());
setInterval(() => Atomics.add(beat, 0, 1), BEAT_MS);
try {
  tell(await live(data));
} catch (error) {
  tell({ end: explain(error), code: exitCodeOf(error) });
}

async function live({ file, name, className, args, lines, isUnnamed, speed, isJson, past: wish, usualDb }: LifeWish): Promise<LifeTold> {
  const { past, place, close } = openPast(wish, usualDb);
  const files = resolveForApps();
  tellExit(files, (fault) => tell({ end: faultWords(fault), code: EXIT.failed }));
  const line = deedLines(place.timeZone, files);
  const counts = { call: 0, set: 0, fire: 0, log: 0, failed: 0 };
  instant[0] = past.fromMs;
  tell({ timeZone: place.timeZone });
  try {
    const heard = await travel(() => loadAppClass(file, className), {
      past,
      place,
      name,
      args,
      lines,
      speed,
      onDeed(deed) {
        counts[deed.kind] += 1;
        tell({ line: isJson ? JSON.stringify(deedData(deed, files)) : line(deed) });
      },
      // A past of which the app hears nothing does not come to rest either: that is no loop.
      onInstant(atMs) {
        instant[0] = atMs;
        Atomics.add(beat, 0, 1);
      },
      onProgress: (share) => speed === undefined && tell({ share }),
    });
    const learned = heard.predictions + heard.reports === 0 ? "; no predictions or reports (a database from replay has them: --db)" : "";
    return {
      end: `${heard.states} states, ${heard.predictions} predictions, ${heard.reports} reported changes${learned}: ${counts.call} calls, ${counts.set} own states, ${counts.fire} events, ${counts.failed} failures`,
      code: counts.failed > 0 ? EXIT.failed : EXIT.success,
    };
  } catch (error) {
    const hint =
      isUnnamed && error instanceof WrongArguments
        ? `. ${APPS_FILE} in ${dirname(file)} names no ${basename(file)}, so there are none: write them there, or give them with --args.`
        : "";
    return { end: `${basename(file)} could not be started: ${faultWords(faultOf(error, files))}${hint}`, code: EXIT.failed };
  } finally {
    close();
  }
}

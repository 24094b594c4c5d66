import nodesConsole from "node:console";
import { format, inspect } from "node:util";
import type { LogLevel } from "../session/session.ts";

/** What is said by `console` goes to the app's log, in the words that Node would write. Returns how to end that. */
export function logOfConsole(log: (level: LogLevel, text: string) => void): () => void {
  const say =
    (level: LogLevel) =>
    (...values: readonly unknown[]): void =>
      log(level, format(...values));
  // The other methods, as table and trace, say what they have to say by these.
  const ours = {
    log: say("info"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    debug: say("debug"),
    dir: (value: unknown, options?: object): void => log("info", inspect(value, { customInspect: false, ...options })),
  };
  const nodes = Object.fromEntries(Object.keys(ours).map((name) => [name, nodesConsole[name as keyof typeof ours]]));
  Object.assign(nodesConsole, ours);
  return () => void Object.assign(nodesConsole, nodes);
}

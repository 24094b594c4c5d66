import { syncBuiltinESMExports } from "node:module";
import { inspect } from "node:util";
import { type Fault, faultOf, faultWords } from "./fault.ts";

/** Tells where the app ends the program: in a thread of its own `process.exit` ends that thread alone, and nobody would know why. */
export function tellExit(files: readonly string[], tell: (fault: Fault) => void): void {
  const { exit } = process;
  process.exit = (code) => {
    tell(faultOf(new Error(`the app ended the program by process.exit(${code === undefined ? "" : inspect(code)})`), files));
    return exit(code);
  };
  // Also for whoever imports it by name.
  syncBuiltinESMExports();
}

/** Tells of a signal that the app sends to the process that it shares with others: most of them are ignored there, or end all apps. */
export function tellKill(files: readonly string[], tell: (words: string) => void): void {
  const { kill } = process;
  process.kill = (pid, signal = "SIGTERM") => {
    const words = `the app sends the signal ${inspect(signal)} to the process of all apps, which is not its own`;
    if (pid === process.pid && signal !== 0) tell(faultWords(faultOf(new Error(words), files)));
    return kill(pid, signal);
  };
  syncBuiltinESMExports();
}

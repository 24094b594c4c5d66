import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { reasonOf } from "../core/reason.ts";
import { WrongUsage } from "../exit.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly details?: string;
  /** Data to stdout, words to stderr. Returns the exit code. */
  run(words: readonly string[], environment: Environment): Promise<number>;
}

/** The call's options and free words. @throws WrongUsage when they are not of the command's form. */
export function readWords<T extends ParseArgsOptionsConfig>(words: readonly string[], options: T, usage: string, mostFreeWords: number) {
  try {
    const parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
    if (parsed.positionals.length > mostFreeWords) throw new Error(`unexpected ${JSON.stringify(parsed.positionals[mostFreeWords])}`);
    return { values: parsed.values, free: parsed.positionals };
  } catch (error) {
    throw new WrongUsage(`${reasonOf(error)}\nUsage: ${usage}`);
  }
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

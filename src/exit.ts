import { WrongSettings } from "./config/config.ts";
import { DatabaseRefused } from "./store/refusal.ts";
import { wordsOfWrite } from "./store/write-trouble.ts";

/** Exit codes, the same for the app and for every command. */
export const EXIT = { success: 0, failed: 1, usage: 2, databaseRefused: 3 } as const;

/** Words of a call that cannot be understood; the message says what would be right. */
export class WrongUsage extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WrongUsage";
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof WrongSettings || error instanceof WrongUsage) return EXIT.usage;
  if (error instanceof DatabaseRefused) return EXIT.databaseRefused;
  return EXIT.failed;
}

/** What a person reads when something ended the program: one paragraph, no stack trace. */
export function explain(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0]);
  return wordsOfWrite(error);
}

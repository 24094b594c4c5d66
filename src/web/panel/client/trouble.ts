import { signal } from "@preact/signals";
import type { Fault } from "./fault.ts";

/** What keeps the whole page from being answered: a session that has ended, or a database that is not open. Null while all is well. */
export const trouble = signal<Fault | null>(null);

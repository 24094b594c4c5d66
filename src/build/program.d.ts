import type * as vite from "vite";

export function buildProgram(): Promise<{ readonly done: "as it was" | "built" | "not possible"; readonly isThere: boolean }>;
export function buildEntries(builder: typeof vite, folder: string, entries: Readonly<Record<string, string>>): Promise<void>;

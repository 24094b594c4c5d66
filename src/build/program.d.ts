import type * as vite from "vite";

export function buildProgram(): Promise<"as it was" | "built" | "not possible">;
export function buildEntries(builder: typeof vite, folder: string, entries: Readonly<Record<string, string>>): Promise<void>;

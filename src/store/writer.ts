import type { Writes } from "./writes.ts";

export type WriteName = keyof Writes;
export type WriteInput<N extends WriteName> = Parameters<Writes[N]>[1];
export type WriteResult<N extends WriteName> = ReturnType<Writes[N]>;

/** The only way to change the database. Each call is one short transaction, run by whoever owns the writing connection. */
export interface Writer {
  write<N extends WriteName>(name: N, input: WriteInput<N>): Promise<WriteResult<N>>;
}

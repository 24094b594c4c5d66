import type { Readable } from "node:stream";
import type { z } from "zod";
import type { ExportRequest } from "../../store/export-plan.ts";
import type { Reader } from "../../store/reads.ts";
import type { Writer } from "../../store/writer.ts";
import type { Scope, Who } from "../access.ts";

/** A scheduled job as a person sees it. */
export interface JobState {
  readonly job: string;
  readonly dueAtMs: number | null;
  readonly runningSinceMs: number | null;
  /** How far it is, 0 to 1, where that is known. */
  readonly share: number | null;
}

/** What routes need of the app while its database is open. */
export interface Api {
  readonly read: Reader["read"];
  readonly write: Writer["write"];
  /** The same commands as on the command line. */
  command(name: string, input: unknown): Promise<unknown>;
  jobs(): readonly JobState[];
  /** @throws when there is no such job, or schedules have not begun. */
  startJob(name: string): void;
  /** False = it does not run. */
  cancelJob(name: string): boolean;
  openExport(request: ExportRequest): Promise<AsyncIterable<string>>;
  /** Facts about the process and its settings, without names of the home. */
  facts(): Readonly<Record<string, unknown>>;
  nowMs(): number;
  /** In which a person at this home tells the time: that of the options, else the one that Home Assistant told. */
  timeZone(): Promise<string>;
}

export interface Ask<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly who: Who;
  /** The home's time zone. */
  readonly homeZone: string;
}

/** An answer that is no JSON. */
export interface FileAnswer {
  readonly fileName: string;
  readonly contentType: string;
  readonly body: Readable | string;
}

interface Declared {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Under /api/v1. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly scope: Scope;
  /** Of the wanted answer; 200 when left out. */
  readonly status?: number;
  readonly bodyLimit?: number;
  /** The answer is a file of one of these types. */
  readonly fileTypes?: readonly string[];
}

/** One route: declared once, checked, documented and handled by it. */
export interface Route extends Declared {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType | null;
  handle(ask: Ask<unknown, unknown, unknown>, api: Api): Promise<unknown>;
}

/** The same, to be read only. */
type Frozen<T> = T extends (infer E)[] ? readonly Frozen<E>[] : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

interface Shapes<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answer?: A;
  handle(ask: Ask<z.output<P>, z.output<Q>, z.output<B>>, api: Api): Promise<Frozen<z.input<A>> | FileAnswer>;
}

/** A route with what it is asked by and answers, for who asks it in TypeScript. Nothing of `types` is there at run time. */
interface Typed<M, Path, P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> extends Route {
  readonly method: M & Route["method"];
  readonly path: Path & string;
  readonly types?: {
    readonly params: z.input<P>;
    readonly query: z.input<Q>;
    readonly body: z.input<B>;
    readonly answer: Frozen<z.output<A>>;
  };
}

export type DeclareRoute = <
  const Path extends string,
  M extends Route["method"],
  P extends z.ZodObject = z.ZodObject<Record<never, never>>,
  Q extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodNull,
  A extends z.ZodType = z.ZodNever,
>(
  route: Omit<Declared, "method" | "path"> & { readonly method: M; readonly path: Path } & Shapes<P, Q, B, A>,
) => Typed<M, Path, P, Q, B, A>;

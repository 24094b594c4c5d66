import type { OverviewBody, TypedRoute } from "../../api/routes.ts";
import type { ProblemBody } from "../../problem.ts";
import type { Early } from "../head/early.ts";
import { Fault } from "./fault.ts";
import { trouble } from "./trouble.ts";

type Method = TypedRoute["method"];
type Path<M extends Method> = Extract<TypedRoute, { method: M }>["path"];
type Types<M extends Method, P> = NonNullable<Extract<TypedRoute, { method: M; path: P }>["types"]>;

/** What one question is made of; numbers and switches of an address are written as its text. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | number | boolean | readonly string[] | undefined };
interface Ask<M extends Method, P> {
  readonly params?: Loose<Types<M, P>["params"]>;
  readonly query?: Loose<Types<M, P>["query"]>;
  readonly signal?: AbortSignal;
}

/** Answers whose shape the API describes only in part. */
interface Whole {
  readonly "/overview": OverviewBody;
}
export type Answer<M extends Method, P> = P extends keyof Whole ? Whole[P] : Types<M, P>["answer"];
/** One row of a list that the API pages. */
export type Item<P extends Path<"GET">> = Answer<"GET", P> extends { readonly items: readonly (infer I)[] } ? I : never;

/** An answer that takes longer is given up, so that a dead connection is noticed. */
const PATIENCE_MS = 20_000;

/** @throws Fault */
export function get<P extends Path<"GET">>(path: P, ask: Ask<"GET", P> = {}): Promise<Answer<"GET", P>> {
  return send("GET", path, ask, undefined) as Promise<Answer<"GET", P>>;
}

/** @throws Fault */
export function post<P extends Path<"POST">>(
  path: P,
  body: Types<"POST", P>["body"],
  ask: Ask<"POST", P> = {},
): Promise<Answer<"POST", P>> {
  return send("POST", path, ask, body) as Promise<Answer<"POST", P>>;
}

/** @throws Fault */
export function put<P extends Path<"PUT">>(path: P, body: Types<"PUT", P>["body"], ask: Ask<"PUT", P>): Promise<Answer<"PUT", P>> {
  return send("PUT", path, ask, body) as Promise<Answer<"PUT", P>>;
}

/** @throws Fault */
export function remove<P extends Path<"DELETE">>(path: P, ask: Ask<"DELETE", P>): Promise<Answer<"DELETE", P>> {
  return send("DELETE", path, ask, undefined) as Promise<Answer<"DELETE", P>>;
}

/** Where a file can be fetched from, relative like everything else: behind ingress the page lives under a prefix of its own. */
export function fileAddress<P extends Path<"GET">>(path: P, ask: Ask<"GET", P> = {}): string {
  return addressOf(path, ask as Parts);
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

function addressOf(path: string, { params = {}, query = {} }: Parts): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return `api/v1${filled}${asked.length === 0 ? "" : `?${new URLSearchParams(asked).toString()}`}`;
}

/** When the answer that stands in the page came, by this device's clock; undefined where none does any more. */
export function cameWithPage(path: Path<"GET">): number | undefined {
  const found = (window as { readonly early?: Early }).early?.get(addressOf(path, {}));
  return found !== undefined && "atMs" in found ? found.atMs : undefined;
}

/** The answer that stands in the page, or to what its head has asked already, once: while this script was on its way. */
function earlyAnswer(address: string): ReturnType<Early["get"]> {
  const { early } = window as { readonly early?: Early };
  const answer = early?.get(address);
  early?.delete(address);
  return answer;
}

async function send(method: Method, path: string, ask: unknown, body: unknown): Promise<unknown> {
  const parts = ask as Parts;
  const limits = [AbortSignal.timeout(PATIENCE_MS), ...(parts.signal === undefined ? [] : [parts.signal])];
  const isWrite = method === "POST" || method === "PUT";
  let response: Response;
  try {
    const address = addressOf(path, parts);
    const early = method === "GET" ? earlyAnswer(address) : undefined;
    if (early !== undefined && "answer" in early) {
      trouble.value = null;
      return early.answer;
    }
    response = await (early ??
      fetch(address, {
        method,
        cache: "no-store",
        signal: AbortSignal.any(limits),
        ...(isWrite && { headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) }),
      }));
  } catch (cause) {
    if (parts.signal?.aborted) throw new Fault({ status: 0, code: "given up", detail: "", requestId: null }, cause);
    throw new Fault({ status: 0, code: "no answer", detail: "", requestId: null }, cause);
  }
  if (response.ok) {
    trouble.value = null;
    return response.json();
  }
  const fault = new Fault(await problemIn(response));
  // Whatever was asked: without a session, or a database, nothing is answered.
  if (response.status === 401 || fault.code === "starting" || fault.code === "refused") trouble.value = fault;
  throw fault;
}

async function problemIn(response: Response): Promise<ConstructorParameters<typeof Fault>[0]> {
  const { status } = response;
  try {
    const { code, detail, requestId } = (await response.json()) as ProblemBody;
    return { status, code, detail, requestId };
  } catch {
    // Answers of Home Assistant itself, between this page and the app, are no problems of ours.
    return { status, code: status === 401 ? "session ended" : "no answer", detail: "", requestId: null };
  }
}

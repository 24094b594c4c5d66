import { z } from "zod";
import type { DeclareRoute } from "./route.ts";

const NOTHING = z.strictObject({});

/** Joins what a route says of itself with what it leaves out. */
export const route: DeclareRoute = ({ params, query, body, answer, ...rest }) =>
  // What its types promise beyond a route is nothing at run time.
  ({ params: params ?? NOTHING, query: query ?? NOTHING, body: body ?? null, answer: answer ?? null, ...rest }) as never;

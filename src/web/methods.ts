import type { FastifyInstance } from "fastify";

/** Notes every route that is added from now on. What is returned says which methods there are for an address; none = nothing is there. */
export function noteMethods(server: FastifyInstance): (path: string) => readonly string[] {
  const noted: { readonly parts: readonly string[]; readonly methods: readonly string[] }[] = [];
  server.addHook("onRoute", ({ url, method }) => void noted.push({ parts: url.split("/"), methods: [method].flat() }));
  return (path) => {
    const asked = path.split("/").map(plain);
    const fitting = noted.filter(({ parts }) => parts.length === asked.length && parts.every((part, at) => fits(part, asked[at]!)));
    return [...new Set(fitting.flatMap(({ methods }) => methods))].sort();
  };
}

function fits(part: string, asked: string): boolean {
  return part.startsWith(":") ? asked !== "" : part === asked;
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

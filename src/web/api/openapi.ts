import { z } from "zod";
import type { Route } from "./route.ts";

type Json = Readonly<Record<string, unknown>>;

const PROBLEM: Json = {
  description: "Not answered as wanted; the detail says what to do.",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("what is wrong and what to do"),
  code: z.string().describe("short and stable, for programs"),
  requestId: z.string().describe("the same in the app's log"),
  faults: z.array(z.looseObject({ where: z.string(), message: z.string() })).optional(),
});

/** The API as an OpenAPI 3.1 document, made from the very shapes that check requests: they cannot differ. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replaceAll(/:(\w+)/g, "{$1}")}`;
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ML Data Layer",
      version,
      description:
        "Addresses are relative to the app's page. This machine and Home Assistant's ingress are let in as they are; others send a bearer token (command `token add`).",
    },
    // The document's own folder is /api/v1.
    servers: [{ url: "../.." }],
    paths,
    security: [{ token: [] }, {}],
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: schemaOf(problemSchema, "output") },
    },
  };
}

function operation(route: Route): Json {
  const { method, path, tag, summary, scope, body, answer, fileTypes, status = 200 } = route;
  const answered = fileTypes
    ? Object.fromEntries(fileTypes.map((type) => [type, { schema: { type: type === "application/json" ? "object" : "string" } }]))
    : { "application/json": { schema: answer === null ? {} : schemaOf(answer, "output") } };
  const problems = ["400", "401", "403", "404", "415", "422", "429", "503", "507"];
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[/:](\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    description: `Needs the scope ${scope}.`,
    parameters: [...parameters(route.params, "path"), ...parameters(route.query, "query")],
    ...(body && { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } } }),
    responses: {
      [status]: { description: "As wanted.", content: answered },
      ...Object.fromEntries(problems.map((code) => [code, PROBLEM])),
      default: PROBLEM,
    },
  };
}

function parameters(shape: z.ZodObject, place: "path" | "query"): Json[] {
  return Object.entries(shape.shape).map(([name, field]) => {
    const schema = schemaOf(field as z.ZodType, "output");
    const isList = schema["type"] === "array";
    return {
      name,
      in: place,
      required: place === "path" || !(field as z.ZodType).safeParse(undefined).success,
      schema,
      // Names with commas between them.
      ...(isList && { style: "form", explode: false }),
    };
  });
}

function schemaOf(shape: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      // Later versions may say more.
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return schema;
}

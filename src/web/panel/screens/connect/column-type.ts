/** What a column may hold, as far as a person needs to know it. */
export interface ColumnType {
  readonly kind: "text" | "number" | "whole" | "instant" | "json" | "choice" | "any";
  readonly isNullable: boolean;
  /** Of a choice. */
  readonly values: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

export function columnType(schema: Schema): ColumnType {
  const parts = [schema["anyOf"], schema["oneOf"]].find(Array.isArray) as readonly Schema[] | undefined;
  const all = (parts ?? [schema]).flatMap(byType);
  const isNullable = all.some(isNull);
  const rest = all.filter((part) => !isNull(part));
  const values = rest.flatMap((part) => valuesOf(part));
  if (values.length > 0 && rest.every((part) => valuesOf(part).length > 0)) return { kind: "choice", isNullable, values };
  const kinds = new Set(rest.map(kindOf));
  const [kind] = kinds;
  return { kind: kinds.size === 1 ? kind! : "any", isNullable, values: [] };
}

/** A schema of several types as one for each. */
function byType(part: Schema): readonly Schema[] {
  const { type } = part;
  return Array.isArray(type) ? type.map((each: unknown) => ({ ...part, type: each })) : [part];
}

const isNull = ({ type }: Schema): boolean => type === "null";

function valuesOf(part: Schema): string[] {
  if (Array.isArray(part["enum"])) return part["enum"].map(String);
  return "const" in part ? [String(part["const"])] : [];
}

function kindOf({ type, format, contentMediaType }: Schema): ColumnType["kind"] {
  if (contentMediaType === "application/json" || type === "object" || type === "array") return "json";
  if (type === "string") return format === "date-time" ? "instant" : "text";
  if (type === "integer") return "whole";
  return type === "number" ? "number" : "any";
}

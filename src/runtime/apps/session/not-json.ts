export const JSON_HOLDS = "must be what JSON can hold: a text, a finite number, true, false, null, or a list or plain object of these";

/** Where in a value the first part is that JSON cannot hold; null = there is none. */
export function notJson(value: unknown, above: readonly unknown[] = []): { readonly path: readonly PropertyKey[] } | null {
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return null;
  if (!isPlain(value) || above.includes(value)) return { path: [] };
  for (const [key, part] of Object.entries(value)) {
    const found = notJson(part, [...above, value]);
    if (found !== null) return { path: [Array.isArray(value) ? Number(key) : key, ...found.path] };
  }
  return null;
}

/** A list or an object that is nothing else: a Date and a Map have their content elsewhere. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]";
}

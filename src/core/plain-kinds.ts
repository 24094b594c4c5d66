/** What zod calls the kind of a value, as a person says it. */
export const PLAIN_KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
};

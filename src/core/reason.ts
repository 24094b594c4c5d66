/** What went wrong, in the words of whatever was thrown: an error's message, a text as it is, and anything else as it would be written. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  try {
    return JSON.stringify(thrown) ?? UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

/** What was thrown as an error, with its words. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(reasonOf(thrown));
}

/** It leads to itself, or to look at it fails. */
const UNREADABLE = "what cannot be read was thrown";

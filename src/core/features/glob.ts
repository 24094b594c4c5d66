/** Whether a text matches one of the globs: `*` is any run of characters, `?` one character, everything else itself. */
export function createGlobs(globs: readonly string[]): (text: string) => boolean {
  const patterns = globs.map(
    (glob) =>
      new RegExp(
        `^${glob
          .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
          .replaceAll(/\*+/g, ".*")
          .replaceAll("?", ".")}$`,
        "u",
      ),
  );
  return (text) => patterns.some((pattern) => pattern.test(text));
}

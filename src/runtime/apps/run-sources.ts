/**
 * Words for Node wherever the user's apps run: their files import parts of the program's own sources, so those run there as they are, with what
 * was compiled of them kept on disk (keep-compiled.js). All else runs as it was built.
 */
export const RUN_SOURCES: readonly string[] = ["--import", new URL("../../keep-compiled.js", import.meta.url).href];

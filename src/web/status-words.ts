/** What HTTP calls each status. Not imported: an import of `node:http` reads all its names, and with that Node loads its fetch, 10 MB that nothing here needs. */
export const STATUS_WORDS: Readonly<Record<number, string | undefined>> = process.getBuiltinModule("node:http").STATUS_CODES;

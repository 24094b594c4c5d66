import { createSpillFile } from "../../src/runtime/spill-files.ts";

/** A process whose files may not grow beyond some KiB. Tells what the write said that was too large. */

const [folder] = process.argv.slice(2) as [string];
const file = await createSpillFile(folder, 1);
await file.append(`${"a".repeat(3_000)}\n`);
await file.append(`${"b".repeat(100_000)}\n`).catch((error: NodeJS.ErrnoException) => process.stdout.write(`${error.code}`));
await file.append(`${"c".repeat(1_000)}\n`);
await file.close();

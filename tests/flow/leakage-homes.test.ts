import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { guardRecorded } from "../../bench/leakage.ts";

const folder = join(process.env["DATA_DIR"] ?? "../shared/data", "homes", "ordonez_a");

test.skipIf(!existsSync(folder))(
  "a recorded bed mat that is nearly the label is no leak (skipped without DATA_DIR/homes/ordonez_a)",
  async () => {
    const { permuted, ...answer } = await guardRecorded(folder);
    expect(answer).toMatchObject({ ok: true, undecidedRows: 0 });
    expect(permuted).toMatchObject({ status: "vanished" });
  },
  60_000,
);

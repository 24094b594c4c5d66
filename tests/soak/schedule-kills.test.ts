import { expect, test } from "vitest";
import { killAcrossDueTimes } from "../failures/schedule-kills.ts";

/** A hundred kills by chance. SOAK_SEED plays a run again; SOAK_SCHEDULE_KILLS makes it a shorter one. */

const seed = Number(process.env["SOAK_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const KILLS = Number(process.env["SOAK_SCHEDULE_KILLS"] ?? 100);

test(
  `kills across the due times of a job that makes up for each: none missed, none doubled (seed ${seed})`,
  async () => {
    const { missed, doubled, due, failures, interrupted } = await killAcrossDueTimes({
      kills: KILLS,
      seed,
      onKill: (kill, receipts) => {
        if (kill % 10 === 0) process.stdout.write(`kill ${kill}: ${receipts} receipts\n`);
      },
    });
    process.stdout.write(
      `${KILLS} kills (seed ${seed}), ${interrupted} of them in the middle of a run: ${due} due, ${missed.length} missed, ${doubled.length} doubled\n`,
    );
    expect({ missed, doubled, failures }).toEqual({ missed: [], doubled: [], failures: [] });
  },
  20 * 60_000,
);

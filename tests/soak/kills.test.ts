import { afterAll, expect, test } from "vitest";
import { endAll } from "../e2e/program.ts";
import { type Kill, killAgainAndAgain, MOMENTS, type Moment, randomFrom } from "../failures/kills.ts";

/** Two hundred kills by chance, twenty in each of ten homes. SOAK_SEED plays a run again; SOAK_KILLS makes it a shorter one. */

const seed = Number(process.env["SOAK_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const KILLS = Number(process.env["SOAK_KILLS"] ?? 200);
const IN_A_HOME = 20;
const random = randomFrom(seed);
const done: Kill[] = [];

afterAll(async () => {
  await endAll();
  const count = (moment: Moment, kills: readonly Kill[]): string => {
    const mine = kills.filter((kill) => kill.moment === moment);
    return `${moment} ${mine.length} (${mine.filter((kill) => kill.wasIn).length} seen in it)`;
  };
  process.stdout.write(`\n${done.length} kills (seed ${seed}): ${MOMENTS.map((moment) => count(moment, done)).join(", ")}\n`);
});

test.each(Array.from({ length: Math.ceil(KILLS / IN_A_HOME) }, (_, home) => home + 1))(
  `home %i: after each kill the file holds exactly what was said (seed ${seed})`,
  async (home) => {
    const moments = Array.from({ length: Math.min(IN_A_HOME, KILLS) }, () => MOMENTS[Math.floor(random() * MOMENTS.length)]!);
    const onKill = (kill: Kill, number: number): void => {
      done.push(kill);
      process.stdout.write(
        `home ${home}, kill ${number}: ${kill.moment} + ${kill.afterMs} ms, ${kill.committed} of ${kill.sent} were committed\n`,
      );
    };
    const { sent, inFile, faults } = await killAgainAndAgain({ moments, seed: seed + home, nights: 6, onKill });
    process.stdout.write(`home ${home}: ${sent} said, ${inFile} in the file, ${faults.length} faults\n`);
    expect(faults).toEqual([]);
    expect(inFile).toBe(sent);
  },
  20 * 60_000,
);

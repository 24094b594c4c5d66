import { afterAll, expect, test } from "vitest";
import { endAll } from "../e2e/program.ts";
import { killAgainAndAgain, type Moment } from "./kills.ts";

/** Ten kills by chance; `npm run test:soak` does two hundred. */

const seed = Math.floor(Math.random() * 2 ** 31);
const MOMENTS: readonly Moment[] = [
  "start",
  "back-fill",
  "back-fill",
  "live",
  "live",
  "maintenance",
  "live",
  "start",
  "maintenance",
  "live",
];

afterAll(endAll);

test(`after each of ten kills at random moments the file holds exactly what was said (seed ${seed})`, async () => {
  const { kills, sent, inFile, faults } = await killAgainAndAgain({ moments: MOMENTS, seed });
  process.stdout.write(`${kills.length} kills (seed ${seed}): ${sent} said, ${inFile} in the file\n`);
  expect(faults).toEqual([]);
  expect({ kills: kills.length, inFile }).toEqual({ kills: 10, inFile: sent });
}, 480_000);

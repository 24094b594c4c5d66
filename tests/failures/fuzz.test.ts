import { expect, test } from "vitest";
import { eventually } from "../e2e/program.ts";
import { createFuzz } from "./fuzz.ts";
import { listening, playPlace } from "./scene.ts";

/** Ten thousand mutated messages; `npm run test:soak` sends a million. */

const seed = Math.floor(Math.random() * 2 ** 31);

test(`after 10,000 mutated messages the file holds exactly the rows of the valid ones (seed ${seed})`, async () => {
  await playPlace(async (place) => {
    const source = await place.source();
    const app = await place.appHere({ source, faster: 1_000 });
    await listening(app, source, 1);
    const fuzz = createFuzz(source, seed);
    await fuzz.values(9_500);
    await eventually(() => (fuzz.compare(place.database).missing.length === 0 ? true : null), "all that is valid is stored").catch(
      () => undefined,
    );
    expect({ ...fuzz.compare(place.database), connected: app.connectedTimes() }).toEqual({ wrong: [], missing: [], connected: 1 });
    await fuzz.texts(500);
    source.close(1000);
    await eventually(() => (fuzz.compare(place.database).missing.length === 0 ? true : null), "all that is valid is stored").catch(
      () => undefined,
    );
    expect(fuzz.compare(place.database)).toEqual({ wrong: [], missing: [] });
    process.stdout.write(`fuzz (seed ${seed}): ${JSON.stringify(fuzz.counts)}, ${app.connectedTimes()} connections\n`);
  });
}, 60_000);

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createDemoServer } from "../../src/demo/server/demo-server.ts";
import { type Environment, runCommand, temporaryFolder, wordsOf } from "../e2e/program.ts";

const OPTIONS = {
  targets: [
    { name: "sleep", start: "input_datetime.sleep_start", end: "input_datetime.sleep_end" },
    { name: "nap", start: "input_datetime.nap_start", end: "input_datetime.nap_end" },
  ],
};

interface Report {
  readonly helpers: readonly { readonly entityId: string; readonly outcome: string; readonly note: string | null }[];
  readonly card: string;
}

describe("label setup", () => {
  const { folder, remove } = temporaryFolder();
  const demo = createDemoServer({ weeks: 1, seed: 5 });
  let environment: Environment;
  const setup = async (): Promise<Report> => {
    const { code, stdout, stderr } = await runCommand(["label", "setup", "--json"], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  };

  beforeAll(async () => {
    const { url, token } = await demo.start();
    const options = join(folder, "options.json");
    writeFileSync(options, JSON.stringify(OPTIONS));
    environment = { DATA_FOLDER: folder, HA_URL: url, HA_TOKEN: token, OPTIONS_FILE: options };
  });
  afterAll(async () => {
    await demo.stop();
    remove();
  });

  test("makes what is missing under the ids that the options name, and a second call makes nothing", async () => {
    const outcomes = ({ helpers }: Report) => helpers.map(({ entityId, outcome }) => `${entityId} ${outcome}`);
    expect(outcomes(await setup())).toEqual([
      "input_datetime.sleep_start there",
      "input_datetime.sleep_end there",
      "input_datetime.nap_start made",
      "input_datetime.nap_end made",
    ]);
    expect(outcomes(await setup())).toEqual([
      "input_datetime.sleep_start there",
      "input_datetime.sleep_end there",
      "input_datetime.nap_start there",
      "input_datetime.nap_end there",
    ]);
  });

  test("prints a card that a dashboard can read, and says for people what was done beside it", async () => {
    const { stdout, stderr } = await runCommand(["label", "setup"], environment);
    expect(parse(stdout)).toEqual({
      type: "entities",
      title: "Labels",
      show_header_toggle: false,
      entities: [
        { type: "section", label: "sleep" },
        { entity: "input_datetime.sleep_start" },
        { entity: "input_datetime.sleep_end" },
        { type: "section", label: "nap" },
        { entity: "input_datetime.nap_start" },
        { entity: "input_datetime.nap_end" },
      ],
    });
    expect(stderr).toContain("input_datetime.nap_end (end of nap): there");
  });

  test("a home that cannot make a helper says how to make it by hand, and the others are made", async () => {
    const targets = [
      { name: "dream", switch: "input_boolean.dreams", negative: "input_button.no_dream" },
      { name: "rest", start: "input_datetime.rest_start", end: "input_datetime.rest_end" },
    ];
    const options = join(folder, "other.json");
    writeFileSync(options, JSON.stringify({ targets }));
    const { code, stderr } = await runCommand(["label", "setup"], { ...environment, OPTIONS_FILE: options });
    expect(code).toBe(1);
    expect(wordsOf(stderr)).toContain("input_boolean.dreams (switch of dream): refused");
    expect(wordsOf(stderr)).toContain("Make it by hand: Settings");
    expect(wordsOf(stderr)).toContain("input_datetime.rest_end (end of rest): made");
  });

  test("a wrong token and a home that is not there are told in one sentence each", async () => {
    const wrong = await runCommand(["label", "setup"], { ...environment, HA_TOKEN: "wrong" });
    expect(wrong.code).toBe(1);
    expect(wordsOf(wrong.stderr)).toMatch(/token/i);
    const nobody = await runCommand(["label", "setup"], { ...environment, HA_URL: "http://127.0.0.1:9" });
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).not.toMatch(/^\s+at /m);
  });

  test("without a Home Assistant it says what to do", async () => {
    const { code, stderr } = await runCommand(["label", "setup"], { DATA_FOLDER: folder });
    expect(code).toBe(1);
    expect(wordsOf(stderr)).toContain("start the app, or set HA_URL and HA_TOKEN");
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readConfig, WrongSettings } from "../../src/config/config.ts";
import { optionsSchema } from "../../src/config/options.ts";
import { temporaryFolder } from "../helpers/database.ts";

function optionsFile(text: string): string {
  const path = join(temporaryFolder(), "options.json");
  writeFileSync(path, text);
  return path;
}

test("without any setting the simulated home is served on this machine alone", () => {
  const config = readConfig({});
  expect(config.home).toEqual({ kind: "simulated" });
  expect(config.host).toBe("127.0.0.1");
  expect(config.options.targets.map((target) => target.name)).toEqual(["sleep"]);
});

test("every wrong setting stands in one message", () => {
  const file = optionsFile('{"log_level": "loud", "night_anchor_hour": 30, "colour": "blue"}');
  const wrong = (() => {
    try {
      return readConfig({ HA_URL: "homeassistant", PORT: "eighty", LOG_LEVEL: "loud", OPTIONS_FILE: file });
    } catch (error) {
      return error;
    }
  })();
  expect(wrong).toBeInstanceOf(WrongSettings);
  const { findings, message } = wrong as WrongSettings;
  expect(findings).toHaveLength(7);
  for (const word of ["HA_URL", "HA_TOKEN", "PORT", "LOG_LEVEL", "log_level", "night_anchor_hour", "colour"])
    expect(message).toContain(word);
});

test.each([
  [
    "half past three",
    '{"schedules": {"backup": "half past three"}}',
    /Option schedules.backup: must be a time of day in quotes, like "03:30"/,
  ],
  ["a number", '{"schedules": {"train": 790}}', /Option schedules.train: must be a text, and is 790/],
  ["another job", '{"schedules": {"features": "03:30"}}', /Option schedules.features: there is none of this name/],
])("the time of a daily job that is %s is refused with what to do", (_what, text, words) => {
  expect(() => readConfig({ OPTIONS_FILE: optionsFile(text) })).toThrow(words);
});

// Broken once: lines counted anew once an earlier one was out, so the one that stands was named.
test("what is wrong in a list is told by the line that a person sees, though a line before it is none", () => {
  const nap = (helper: string): string => `{"name": "nap", "switch": "input_boolean.${helper}"}`;
  const file = optionsFile(`{"targets": ["x", ${nap("b")}, ${nap("c")}]}`);
  expect(() => readConfig({ OPTIONS_FILE: file })).toThrow(
    /Option targets\.0: must be a group of options[\s\S]*Option targets\.2: two targets are called nap/,
  );
});

test("the times of daily jobs are kept as they are written", () => {
  const { options } = readConfig({ OPTIONS_FILE: optionsFile("schedules:\n  train: 13:10\n") });
  expect(options.schedules).toEqual({ train: "13:10" });
});

test("a half-written options file is named with its place, and nothing runs on guesses", () => {
  const file = optionsFile('{"log_level": "info", "include": ["binary_');
  expect(() => readConfig({ OPTIONS_FILE: file })).toThrow(/half written/);
});

test("an options file that is a folder is said to be one", () => {
  // Broken once: "neither JSON nor YAML, perhaps only half written: EISDIR".
  expect(() => readConfig({ OPTIONS_FILE: temporaryFolder() })).toThrow(/which is a folder.*Name the file of the options itself/);
});

test("a port is written in digits", () => {
  for (const [text, port] of Object.entries({ "0": 0, "8080": 8080, " 8080 ": 8080, "65535": 65_535, "": 8099 }))
    expect(readConfig({ PORT: text }).port).toBe(port);
  // Broken once: a blank was port 0, any that is free.
  for (const text of [" ", "0x50", "8e3", "80.0", "-1", "65536", "eighty"])
    expect(() => readConfig({ PORT: text }), text).toThrow(/PORT is .*; it must be a whole number from 0 to 65535/);
});

test("inside the HA app a wrong option falls back to its default and the rest is kept", () => {
  const file = optionsFile('{"log_level": "loud", "night_anchor_hour": 14}');
  const config = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: file });
  expect(config.options.log_level).toBe("info");
  expect(config.options.night_anchor_hour).toBe(14);
  expect(config.findings).toHaveLength(1);
  expect(config.home).toMatchObject({ url: "ws://supervisor/core/websocket" });
});

test("inside the HA app one wrong line is left out and the others of its list stay: what was excluded stays excluded", () => {
  const file = optionsFile(
    JSON.stringify({
      exclude: ["person.*", "room:Kitchen", "camera.*", 3],
      features: { maximum: 5, exclude: ["binary_sensor.bed:*"], colour: "blue" },
      targets: [
        { name: "sleep", start: "input_datetime.a" },
        { name: "nap", switch: "input_boolean.nap", colour: "blue" },
      ],
      night_anchor_hour: 30,
      backup_raw_events: "perhaps",
      log_level: "loud",
    }),
  );
  const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: file });
  expect(options).toMatchObject({
    exclude: ["person.*", "camera.*"],
    features: { maximum: 300, exclude: ["binary_sensor.bed:*"] },
    targets: [{ name: "nap", switch: "input_boolean.nap" }],
    night_anchor_hour: 12,
  });
  // Broken once: the whole option fell back to its default, so everything that `exclude` named was stored.
  expect([...findings].sort()).toEqual([
    'Option backup_raw_events: must be true or false, and is "perhaps".',
    'Option exclude.1: must be an entity pattern like light.*_lamp, or begin with domain:, area:, class:, and is "room:Kitchen".',
    "Option exclude.3: must be a text, and is 3.",
    "Option features.colour: there is none of this name. Take it out, or correct its name.",
    "Option features.maximum: must be at least 10, and is 5.",
    'Option log_level: must be debug or info or warning or error, and is "loud".',
    "Option night_anchor_hour: must be at most 23, and is 30.",
    "Option targets.0: the target sleep needs either start and end, or switch: one input_boolean for both.",
    "Option targets.1.colour: there is none of this name. Take it out, or correct its name.",
  ]);
});

// Broken once: the defaults were used, so what the options left out was stored.
test.each([
  ["half written", '{"exclude": ["person.*"'],
  ["a list", '["person.*"]'],
  ["a text", "person.*"],
])("inside the HA app an options file that is %s chooses nothing", (_what, text) => {
  const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: optionsFile(text) });
  expect(options.include).toBeNull();
  expect(findings).toHaveLength(2);
  expect(findings[1]).toContain("nothing is chosen");
});

test.each([
  ["is empty", ""],
  ["holds no option", "{}"],
])("inside the HA app an options file that %s has all defaults", (_what, text) => {
  const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: optionsFile(text) });
  expect([options.include, findings]).toEqual([[], []]);
});

// Broken once: an empty `include` means everything, so one slip had the app store the whole home.
test.each([
  ["a word that there is not", ["device_class:motion"]],
  ["a plural", ["areas:Kitchen"]],
  ["a capital", ["Area:Kitchen"]],
  ["a label", ["label:bedroom", "label:kitchen"]],
  ["no text", [3]],
  ["an empty line", [""]],
  ["no list", "light.*"],
  ["a group", { area: "Kitchen" }],
])("inside the HA app an include of which nothing can be used, as %s, chooses nothing, and that is said", (_what, include) => {
  const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: optionsFile(JSON.stringify({ include })) });
  expect(options.include).toBeNull();
  expect(findings.at(-1)).toMatch(/^Option include: nothing of it can be used, so it chooses nothing, rather than everything/);
});

test("the lines of an include that can be used choose; one that nobody wrote anything into chooses everything", () => {
  const includeOf = (text: string) => readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: optionsFile(text) }).options.include;
  expect(includeOf('{"include": ["label:bedroom", "light.*"]}')).toEqual(["light.*"]);
  expect(includeOf('{"include": []}')).toEqual([]);
  expect(includeOf("include:\n")).toEqual([]);
  expect(includeOf("{}")).toEqual([]);
});

test("outside the HA app such an include is refused in its own words alone", () => {
  const file = optionsFile('{"include": ["device_class:motion"]}');
  expect(() => readConfig({ OPTIONS_FILE: file })).toThrow(/^One setting cannot be used: Option include.0: must be an entity pattern/);
});

test("when no target can be used, the default one is, and that is said", () => {
  const file = optionsFile('{"targets": [{"name": "a"}, {"name": "Nap Time", "switch": "input_boolean.nap"}]}');
  const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: file });
  expect(options.targets.map((target) => target.name)).toEqual(["sleep"]);
  expect(findings).toContain("Option targets: needs at least one target that can be used, like sleep with start and end.");
});

test("whatever stands in the options file, the app gets options that it can use", () => {
  const text = fc.string({ maxLength: 8 });
  const anything = fc.jsonValue({ maxDepth: 3 });
  const options = fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(optionsSchema.shape)), text), anything);
  fc.assert(
    fc.property(options, (given) => {
      const file = optionsFile(JSON.stringify(given));
      const { options: used, findings } = readConfig({ SUPERVISOR_TOKEN: "secret", OPTIONS_FILE: file });
      expect(optionsSchema.safeParse({ ...used, include: used.include ?? [] }).success).toBe(true);
      expect(findings.length > 0).toBe(!optionsSchema.safeParse(given).success);
    }),
    { numRuns: 200 },
  );
});

test("no message of a wrong setting shows the token", () => {
  expect(() => readConfig({ HA_URL: "nonsense", HA_TOKEN: "very-secret" })).toThrow(/^(?!.*very-secret)/s);
});

test("no message of a wrong setting shows the broker's password", () => {
  for (const mqtt of [
    "mqtt://user:very-secret@host",
    { host: "mqtt://user:very-secret@host" },
    { password: ["very-secret"] },
    { password: true, port: "very-secret" },
    { topic: "very-secret!" },
  ]) {
    const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "token", OPTIONS_FILE: optionsFile(JSON.stringify({ mqtt })) });
    expect(findings.length).toBeGreaterThan(0);
    // Broken once: the value of every wrong option was told.
    expect(findings.join(" ")).not.toContain("very-secret");
    expect(options.mqtt.enabled).toBe(false);
  }
});

test("the MQTT broker is the one that is named, else the Supervisor's, and without either the option cannot be used", () => {
  const mqtt = { enabled: true, host: "broker.lan", username: "u", password: 12345 };
  expect(readConfig({ OPTIONS_FILE: optionsFile(JSON.stringify({ mqtt })) }).broker).toEqual({
    kind: "named",
    broker: { host: "broker.lan", port: 1883, isEncrypted: false, username: "u", password: "12345" },
  });
  const empty = { enabled: true, host: "", username: "", password: "" };
  expect(readConfig({ SUPERVISOR_TOKEN: "t", OPTIONS_FILE: optionsFile(JSON.stringify({ mqtt: empty })) }).broker).toEqual({
    kind: "supervisor",
    address: "http://supervisor",
    token: "t",
  });
  expect(() => readConfig({ OPTIONS_FILE: optionsFile(JSON.stringify({ mqtt: empty })) })).toThrow(/mqtt\.host/);
});

test("options may be YAML", () => {
  const file = optionsFile("include:\n  - 'binary_sensor.*'\n");
  expect(readConfig({ OPTIONS_FILE: file }).options.include).toEqual(["binary_sensor.*"]);
});

test.each([
  ["a pair of helpers and a button", [{ name: "sleep", start: "input_button.to_bed", end: "input_datetime.sleep_end" }]],
  ["a switch", [{ name: "nap", switch: "input_boolean.nap", negative: "input_button.no_nap", excluded: "input_boolean.guests" }]],
  ["the empty fields of a form", [{ name: "nap", switch: "input_boolean.nap", start: "", end: "", negative: "", excluded: "" }]],
  [
    "targets that share what is excluded",
    [
      { name: "nap", switch: "input_boolean.nap", excluded: "input_boolean.guests" },
      { name: "sleep", switch: "input_boolean.sleep", excluded: "input_boolean.guests" },
    ],
  ],
])("targets may be told by %s", (_, targets) => {
  expect(readConfig({ OPTIONS_FILE: optionsFile(JSON.stringify({ targets })) }).options.targets).toHaveLength(targets.length);
});

test.each([
  [
    "the same helper in two targets",
    [pair("sleep"), { ...pair("nap"), end: "input_datetime.sleep_end" }],
    /end of sleep and end of nap; a helper can tell of one thing only/,
  ],
  ["one helper for start and end", [{ name: "a", start: "input_datetime.a", end: "input_datetime.a" }], /start of a and end of a/],
  [
    "a helper that tells and excludes",
    [{ name: "a", switch: "input_boolean.a", excluded: "input_boolean.a" }],
    /switch of a and excluded of a/,
  ],
  ["two targets of one name", [pair("sleep"), { name: "sleep", switch: "input_boolean.b" }], /two targets are called sleep/],
  ["a start without an end", [{ name: "a", start: "input_datetime.a" }], /needs either start and end, or switch/],
  ["a pair and a switch", [{ ...pair("sleep"), switch: "input_boolean.b" }], /needs either start and end, or switch/],
  ["no helper at all", [{ name: "a" }], /needs either start and end, or switch/],
  [
    "a toggle as start",
    [{ name: "a", start: "input_boolean.a", end: "input_datetime.b" }],
    /targets\.0\.start: must be an input_datetime or an input_button/,
  ],
  ["a sensor", [{ name: "a", switch: "binary_sensor.bed" }], /must be an input_boolean/],
])("%s is refused in words", (_, targets, words) => {
  expect(() => readConfig({ OPTIONS_FILE: optionsFile(JSON.stringify({ targets })) })).toThrow(words);
});

// Broken once: with the issue on the whole list every target was gone, and sleep listened to helpers that nobody has.
test.each([
  ["a name twice", [pair("nap"), pair("sleep"), { name: "nap", switch: "input_boolean.nap" }]],
  [
    "a helper of another target",
    [pair("nap"), pair("sleep"), { name: "rest", switch: "input_boolean.rest", negative: "input_datetime.nap_end" }],
  ],
  ["a helper twice in two targets", [pair("nap"), pair("sleep"), { ...pair("rest"), start: "input_datetime.nap_start" }]],
])("inside Home Assistant %s costs the later line, not every target", (_, targets) => {
  const { options, findings } = readConfig({ SUPERVISOR_TOKEN: "t", OPTIONS_FILE: optionsFile(JSON.stringify({ targets })) });
  expect(options.targets).toEqual([expect.objectContaining(pair("nap")), expect.objectContaining(pair("sleep"))]);
  expect(findings.length).toBeGreaterThan(0);
});

test("a variable that is set to nothing is one that is not set", () => {
  const names = ["HOST", "DATA_FOLDER", "DB_PATH", "APPS_FOLDER", "LOG_LEVEL", "OPTIONS_FILE", "PORT", "HA_URL", "HA_TOKEN"];
  expect(readConfig(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(readConfig({}));
});

test("a line of nothing is told in words of ours", () => {
  // Broken once: zod's "Too small: expected string to have >=1 characters" stood there.
  expect(() => readConfig({ OPTIONS_FILE: optionsFile('{"include": [""]}') })).toThrow(/Option include\.0: must not be empty/);
});

test("what stands before an @ of the address is never said", () => {
  expect(() => readConfig({ HA_URL: "http://anna:hush@127.0.0.1:1", HA_TOKEN: "t" })).toThrow(/^(?!.*hush).*a user name or a password/s);
});

function pair(name: string) {
  return { name, start: `input_datetime.${name}_start`, end: `input_datetime.${name}_end` };
}

test("patterns of entities may be written as YAML reads them, and a word that is none of theirs is refused", () => {
  const good = optionsFile(
    "include:\n  - area: Living room\n  - domain:light\n  - binary_sensor.*\nattributes: ['climate.*#temperature']\n",
  );
  expect(readConfig({ OPTIONS_FILE: good }).options).toMatchObject({
    include: ["area:Living room", "domain:light", "binary_sensor.*"],
    attributes: ["climate.*#temperature"],
  });
  const bad = optionsFile('{"include": ["room:Kitchen"], "exclude": [3], "attributes": ["climate.x"]}');
  for (const words of [/include.0: must be an entity pattern .* area:/, /exclude.0/, /attributes.0: .*climate\.\*#current_temperature/])
    expect(() => readConfig({ OPTIONS_FILE: bad })).toThrow(words);
});

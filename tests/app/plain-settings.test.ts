import { expect, test } from "vitest";
import { plainSettings } from "../../src/app/plain-settings.ts";
import { optionsSchema } from "../../src/config/options.ts";

test("settings for strangers name nothing of the home, however deep it stands, and no secret", () => {
  const options = optionsSchema.parse({
    include: ["sensor.anna"],
    attributes: ["climate.anna#current_temperature"],
    targets: [{ name: "anna_naps", switch: "input_boolean.anna" }],
    features: { include: ["sensor.anna:*"], exclude: ["*anna*"], mirrors: ["input_boolean.anna"], entry_doors: ["binary_sensor.anna"] },
    mqtt: { enabled: true, host: "anna", username: "anna", password: "anna" },
  });
  const settings = plainSettings(options);
  // Broken once: only the outermost lists were counted, and those of `features` stood there by name.
  expect(JSON.stringify(settings)).not.toContain("anna");
  expect(settings).toMatchObject({ include: 1, targets: 1, features: { mirrors: 1, maximum: 300 }, retention_days: 90, usesMqtt: true });
});

import { test } from "vitest";
import { protocolSuite } from "../protocol/suite.ts";

const url = process.env["HA_URL"];
const token = process.env["HA_TOKEN"];

if (url && token) {
  protocolSuite("the real Home Assistant speaks the protocol", () => Promise.resolve({ url, token, stop: () => Promise.resolve() }));
} else {
  test.skip("the real Home Assistant speaks the protocol: set HA_URL and HA_TOKEN of a test instance in Europe/Amsterdam", () => undefined);
}

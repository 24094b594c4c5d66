import { describe } from "vitest";
import { authChecks } from "./auth-checks.ts";
import { commandChecks } from "./command-checks.ts";
import { eventChecks } from "./event-checks.ts";
import { helperChecks } from "./helper-checks.ts";
import { historyChecks } from "./history-checks.ts";
import { registryChecks } from "./registry-checks.ts";
import { statisticsChecks } from "./statistics-checks.ts";

/** A running Home Assistant, or something that claims to speak its protocol, with both sleep helpers and `input_boolean.asleep`. */
export interface Target {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** What any Home Assistant does and clients build on; run against the simulated home and the real one, so that the one stays like the other. */
export function protocolSuite(name: string, connect: () => Promise<Target>): void {
  describe(name, () => {
    authChecks(connect);
    commandChecks(connect);
    registryChecks(connect);
    eventChecks(connect);
    helperChecks(connect);
    historyChecks(connect);
    statisticsChecks(connect);
  });
}

/** What `apps init` writes beside the examples: enough that an editor knows every method, without a package to install. */

export const TSCONFIG = `{
  "compilerOptions": {
    "target": "esnext",
    "lib": ["esnext"],
    "module": "nodenext",
    "moduleResolution": "nodenext",
    "noEmit": true,
    "strict": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true,
    "types": [],
    "paths": {
      "ml-data-layer": ["./.types/index.d.ts"],
      "ml-data-layer/testing": ["./.types/testing.d.ts"],
      "zod": ["./.types/zod/index.d.ts"]
    }
  },
  "include": ["*.ts", "**/*.ts", ".types/node.d.ts"]
}
`;

/** Without it an editor takes the apps for CommonJS, in which Node's rules for imports are others; it is also where `npm install` notes a package. */
export const PACKAGE = `{
  "private": true,
  "type": "module"
}
`;

export const APPS_YAML = `# One entry an app: its name, its file, and what the app itself is given.
hall_light:
  file: motion-light.ts
  motion: binary_sensor.hallway_motion
  light: light.hallway
  minutes: 3
  enabled: false   # take this line away when the entities above are yours
`;

export const MOTION_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { testHome } from "ml-data-layer/testing";
import MotionLight from "./motion-light.ts";

test("the light goes on with motion, and off when nothing has moved for three minutes", async () => {
  const home = await testHome(MotionLight, {
    args: { motion: "binary_sensor.hall", light: "light.hall", minutes: 3 },
    states: { "binary_sensor.hall": "off", "light.hall": "off" },
  });
  await home.set("binary_sensor.hall", "on");
  assert.deepEqual(home.takeCalls(), [{ service: "light.turn_on", entityId: ["light.hall"], data: {} }]);
  await home.set("light.hall", "on");
  await home.set("binary_sensor.hall", "off");
  await home.advance({ minutes: 3 });
  assert.deepEqual(home.takeCalls(), [{ service: "light.turn_off", entityId: ["light.hall"], data: {} }]);
});
`;

/** `App` with its methods from contract.ts; the class and the interface of one name are one type. */
export const INDEX_TYPES = `import type { AppMethods, Json } from "./contract.ts";

export type * from "./contract.ts";

/** What an app of yours extends: export the class, name its file in apps.yaml. A \`static args\` (a zod schema) checks what stands there. */
export declare abstract class App<Args = Readonly<Record<string, Json>>> {
  readonly args: Args;
  /** Called once at the start: listen and schedule here. */
  abstract initialize(): unknown;
  /** Called before the app ends or is loaded anew; it has two seconds. */
  terminate(): unknown;
}
export interface App<Args = Readonly<Record<string, Json>>> extends AppMethods {}
`;

export const TESTING_TYPES = `import type { App } from "./index.d.ts";
import type { TestHome, TestHomeOptions } from "./testing-contract.ts";

export type * from "./testing-contract.ts";

/** Starts an app in a home whose states and time the test decides. What a callback throws is thrown by the step that led to it; of several an AggregateError. */
export declare function testHome(app: new (...made: never[]) => Pick<App, "initialize">, options?: TestHomeOptions): Promise<TestHome>;
`;

/** The little of Node that most apps use; with @types/node installed and named in tsconfig's types this file can go. */
export const NODE_TYPES = `declare const console: { readonly [level in "log" | "info" | "warn" | "error" | "debug"]: (...values: unknown[]) => void };
declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function setInterval(callback: () => void, milliseconds: number): unknown;
declare function clearInterval(timer: unknown): void;
declare function fetch(url: string, options?: object): Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown>; text(): Promise<string> }>;
declare module "node:test" {
  export function test(title: string, body: () => unknown): Promise<void>;
}
declare module "node:assert/strict" {
  const assert: { (value: unknown, message?: string): asserts value; equal(a: unknown, b: unknown): void; deepEqual(a: unknown, b: unknown): void; rejects(promise: Promise<unknown>, error?: RegExp): Promise<void> };
  export default assert;
}
`;

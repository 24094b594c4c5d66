import type { SimulatedHome } from "../home/home.ts";
import { createDoors, type Doors } from "./doors.ts";
import { createFaults, type DemoFaults } from "./faults.ts";
import { type AwakeHome, type WakeOptions, wakeHome } from "./wake.ts";

export interface DemoOptions extends WakeOptions {
  /** 0 = any free one. */
  readonly port?: number;
}

/** What a client needs: the address, a token, the home's time (it differs from the system's) and the weeks of past that it began with. */
export interface StartedDemo {
  readonly url: string;
  readonly token: string;
  readonly nowMs: number;
  readonly weeks: number;
}

export interface DemoServer {
  /** @throws Error with code EADDRINUSE when the port is taken. */
  start(): Promise<StartedDemo>;
  /** Saves and closes everything. */
  stop(): Promise<void>;
  readonly faults: DemoFaults;
  /** What the people did in truth, to measure what can be learned. */
  home(): SimulatedHome;
  nowMs(): number;
}

const SAVE_EVERY_MS = 60_000;
const LONGEST_WAIT_MS = 5_000;

interface Awake extends AwakeHome {
  readonly doors: Doors;
}

/** A simulated home behind Home Assistant's protocol. Made without effect; everything begins with `start`. */
export function createDemoServer(options: DemoOptions = {}): DemoServer {
  let awake: Awake | null = null;
  let nextTimer: NodeJS.Timeout | undefined;
  let saveTimer: NodeJS.Timeout | undefined;
  const faults = createFaults(() => {
    const { running, doors } = started();
    return { home: running, doors };
  });

  function started(): Awake {
    if (!awake) throw new Error("the simulated home has not been started");
    return awake;
  }

  function live(): void {
    const { life, clock } = started().running;
    life.advance();
    nextTimer = setTimeout(live, Math.min(LONGEST_WAIT_MS, clock.waitMs(life.nextMs())));
  }

  return {
    async start() {
      const home = wakeHome(options, faults.isRunning);
      const doors = createDoors(home.running, {
        port: options.port ?? 0,
        accepts: (token) => token === home.token && !faults.refusesTokens(),
        delayMs: faults.delayMs,
      });
      const port = await doors.open();
      awake = { ...home, doors };
      home.running.save();
      saveTimer = setInterval(home.running.save, SAVE_EVERY_MS);
      live();
      return { url: `http://127.0.0.1:${port}`, token: home.token, nowMs: home.running.clock.nowMs(), weeks: home.weeks };
    },
    async stop() {
      clearTimeout(nextTimer);
      clearInterval(saveTimer);
      awake?.running.save();
      await awake?.doors.close("cut");
    },
    faults,
    home: () => started().simulated,
    nowMs: () => started().running.clock.nowMs(),
  };
}

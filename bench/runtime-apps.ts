/** Apps of the benchmark, as a user would write them. Each tells what it counted by an event, five times a second. */

const HEAD = `import { App } from "ml-data-layer";
`;

/** Counts every change; where the state is the instant of its sending, it knows the delay, too. */
export const COUNTING = `${HEAD}
export default class Count extends App {
  count = 0;
  lastMs = 0;
  delays = [];
  async initialize() {
    await this.listenState(this.args.entity ?? "*", (change) => {
      this.count += 1;
      this.lastMs = performance.timeOrigin + performance.now();
      if (this.args.delays) this.delays.push(this.lastMs - Number(change.new));
    });
    setInterval(() => {
      const delays = this.delays.splice(0);
      void this.fireEvent("counted", { app: this.name, count: this.count, lastMs: this.lastMs, delays });
    }, 200);
  }
}
`;

/** A small app that does what most do: listens to a few things, runs now and then. */
export const SMALL = `${HEAD}
export default class Small extends App {
  async initialize() {
    await this.listenState("binary_sensor.motion_*", () => this.callService("light.turn_on", { entityId: "light.a" }), { new: "on" });
    await this.listenState("binary_sensor.motion_*", () => this.callService("light.turn_off", { entityId: "light.a" }), { new: "off", duration: 300 });
    await this.runDaily("23:00", () => this.log("good night"));
  }
}
`;

/** Hears everything and does nothing with it. */
export const IDLE = `${HEAD}
export default class Idle extends App {
  async initialize() {
    await this.listenState("*", () => undefined);
  }
}
`;

/** Works all the time at what it hears, and asks the runtime as fast as it can. */
export const STORM = `${HEAD}
export default class Storm extends App {
  async initialize() {
    await this.listenState("*", () => {
      const untilMs = performance.now() + 2;
      while (performance.now() < untilMs);
      for (let i = 0; i < 50; i += 1) void this.getState("sensor.burst_1");
      this.log("storm");
    });
  }
}
`;

/** Never comes back from its first callback. */
export const LOOP = `${HEAD}
export default class Loop extends App {
  async initialize() {
    await this.listenState("*", () => { for (;;); });
  }
}
`;

import { App } from "ml-data-layer";
import { z } from "zod";

const args = z.strictObject({
  /** A target of the option `targets`. */
  target: z.string().default("sleep"),
  /** They go out when somebody has fallen asleep. */
  lights: z.array(z.string()).min(1),
  /** Comes on when the sleeper wakes while the sun is still down. */
  morning_light: z.string().optional(),
  asleep_above: z.number().min(0).max(1).default(0.8),
  awake_below: z.number().min(0).max(1).default(0.2),
  minutes: z.number().nonnegative().default(10),
});

/** Lights follow the probability that somebody sleeps: out when it is high for a while, a morning light when it has fallen and it is dark. */
export default class SleepLights extends App<z.output<typeof args>> {
  static args = args;

  override async initialize(): Promise<void> {
    const { target, asleep_above: above, awake_below: below, minutes: forMinutes } = this.args;
    await this.onProbability(target, { above, forMinutes }, () => this.fellAsleep());
    await this.onProbability(target, { below, forMinutes }, () => this.wokeUp());
  }

  private async fellAsleep(): Promise<void> {
    // Kept, so that a restart in the night does not make the next morning unknown.
    await this.store.set("sleeps", true);
    const states = await Promise.all(this.args.lights.map((light) => this.getState(light)));
    const on = states.flatMap((state) => (state?.state === "on" ? [state.entityId] : []));
    if (on.length === 0) return;
    this.log(`Somebody sleeps: ${on.join(", ")} off.`);
    await this.callService("light.turn_off", { entityId: on, data: { transition: 30 } });
  }

  private async wokeUp(): Promise<void> {
    if ((await this.store.get("sleeps")) !== true) return;
    await this.store.set("sleeps", false);
    const { morning_light: light } = this.args;
    if (light === undefined || (await this.getState("sun.sun"))?.state !== "below_horizon") return;
    this.log(`Good morning: ${light} on.`);
    await this.callService("light.turn_on", { entityId: light, data: { brightness_pct: 20, transition: 60 } });
  }
}

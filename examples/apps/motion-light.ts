import { App } from "ml-data-layer";
import { z } from "zod";

const args = z.strictObject({
  motion: z.union([z.string(), z.array(z.string()).min(1)]),
  light: z.string(),
  /** The light goes off when nothing has moved for so long. */
  minutes: z.number().positive().default(5),
  /** Only when it is darker than this. */
  illuminance: z.string().optional(),
  below_lux: z.number().positive().default(30),
});

/** The classic: motion turns a light on when it is dark, and it goes off when nothing has moved for a while. A light that somebody else turned on is left alone. */
export default class MotionLight extends App<z.output<typeof args>> {
  static args = args;
  /** Sensors that have not been quiet for the time yet. After a start nobody knows that of any. */
  private readonly busy = new Set<string>();

  override async initialize(): Promise<void> {
    const { motion, minutes, light } = this.args;
    for (const sensor of [motion].flat()) {
      for (const { entityId } of await this.getStates(sensor)) this.busy.add(entityId);
    }
    // One that says nothing any more must not keep the light on. With immediate it counts from when it fell quiet, be it before a restart.
    const quiet = { new: ["off", "unavailable", "unknown"], duration: minutes * 60, immediate: true };
    await this.listenState(motion, ({ entityId }) => this.moved(entityId), { new: "on" });
    await this.listenState(motion, ({ entityId }) => this.fellQuiet(entityId), quiet);
    await this.listenState(light, () => this.store.set("isOurs", false), { new: "off", immediate: true });
  }

  private async moved(sensor: string): Promise<void> {
    const { light } = this.args;
    this.busy.add(sensor);
    if ((await this.getState(light))?.state === "on" || !(await this.isDark())) return;
    // Kept, so that the light goes off after a restart, too.
    await this.store.set("isOurs", true);
    await this.callService("light.turn_on", { entityId: light });
  }

  private async fellQuiet(sensor: string): Promise<void> {
    this.busy.delete(sensor);
    if (this.busy.size > 0 || (await this.store.get("isOurs")) !== true) return;
    await this.callService("light.turn_off", { entityId: this.args.light });
  }

  private async isDark(): Promise<boolean> {
    if (this.args.illuminance === undefined) return true;
    const lux = Number((await this.getState(this.args.illuminance))?.state);
    // A sensor that says nothing must not leave the stairs dark.
    return Number.isNaN(lux) || lux < this.args.below_lux;
  }
}

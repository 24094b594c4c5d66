import { App } from "ml-data-layer";
import { z } from "zod";

const args = z.object({
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
  /** Whether it was this app that turned the light on. */
  private isOurs = false;

  override async initialize(): Promise<void> {
    const { motion, minutes, light } = this.args;
    await this.listenState(motion, () => this.turnOn(), { new: "on" });
    await this.listenState(motion, () => this.turnOff(), { new: "off", duration: minutes * 60 });
    await this.listenState(light, () => this.forget(), { new: "off" });
  }

  private async turnOn(): Promise<void> {
    const { light } = this.args;
    if ((await this.getState(light))?.state === "on" || !(await this.isDark())) return;
    this.isOurs = true;
    await this.callService("light.turn_on", { entityId: light });
  }

  private async turnOff(): Promise<void> {
    const sensors = [this.args.motion].flat();
    const states = await Promise.all(sensors.map((sensor) => this.getState(sensor)));
    // One sensor is quiet, another may not be.
    if (!this.isOurs || states.some((state) => state?.state === "on")) return;
    this.isOurs = false;
    await this.callService("light.turn_off", { entityId: this.args.light });
  }

  private forget(): void {
    this.isOurs = false;
  }

  private async isDark(): Promise<boolean> {
    if (this.args.illuminance === undefined) return true;
    const lux = Number((await this.getState(this.args.illuminance))?.state);
    // A sensor that says nothing must not leave the stairs dark.
    return Number.isNaN(lux) || lux < this.args.below_lux;
  }
}

import { App, type HabitChange } from "ml-data-layer";
import { z } from "zod";

const args = z.strictObject({
  /** The service that tells you, like notify.mobile_app_phone. */
  notify: z.string().default("notify.notify"),
  /** Changes are collected and told once a day. */
  at: z.string().default("08:30"),
  /** Only what is at least so sure. */
  probability: z.number().min(0).max(1).default(0.95),
  /** More than so many, as after a week away in which every room was used less, are counted. */
  most: z.number().int().min(1).default(5),
});

/** Tells when a habit has changed, once a day, in the words of the app: "since 3 November the hallway is used 40 % more". */
export default class HabitNews extends App<z.output<typeof args>> {
  static args = args;
  /** Whoever reads the list and writes it waits for the one before: callbacks go on beside each other. */
  private last: Promise<unknown> = Promise.resolve();

  override async initialize(): Promise<void> {
    await this.onChange((change) => this.inTurn(() => this.collect(change)));
    // A morning on which the app was off is told when it is back.
    await this.runDaily(this.args.at, () => this.inTurn(() => this.tell()), { name: "news", missed: "once" });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private async collect(change: HabitChange): Promise<void> {
    if (change.probability < this.args.probability) return;
    await this.store.set("waiting", [...(await this.waiting()), change.words]);
  }

  private async tell(): Promise<void> {
    const words = await this.waiting();
    if (words.length === 0) return;
    const more = words.length - this.args.most;
    const message = [...words.slice(0, this.args.most), ...(more > 0 ? [`And ${more} more; the page shows all under Changes.`] : [])].join(
      "\n",
    );
    await this.callService(this.args.notify, { data: { title: "Something changed at home", message } });
    await this.store.set("waiting", []);
  }

  private async waiting(): Promise<readonly string[]> {
    return ((await this.store.get("waiting")) ?? []) as readonly string[];
  }
}

import { post } from "../../client/client.ts";
import { complain, say } from "../../shell/toast.tsx";
import { words } from "../../words/words.ts";

/** Lets a stored model serve; what served before can be brought back. */
export async function letServe(target: string, version: number, before: number | null, again: () => void): Promise<void> {
  await change(() => post("/models/promote", { target, version }), target, before, again);
}

/** Lets the one serve that served before. */
export async function rollBack(target: string, again: () => void): Promise<void> {
  await change(() => post("/models/rollback", { target }), target, null, again);
}

async function change(
  write: () => Promise<{ readonly from: number | null; readonly to: number }>,
  target: string,
  before: number | null,
  again: () => void,
): Promise<void> {
  try {
    const { from, to } = await write();
    const back = from ?? before;
    say(
      words.models.history.done(to),
      back === null
        ? null
        : async () => {
            await post("/models/promote", { target, version: back });
            again();
          },
    );
  } catch (error) {
    complain(error);
  }
  again();
}

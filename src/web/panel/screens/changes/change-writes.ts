import { post, put } from "../../client/client.ts";
import { news } from "../../client/live.ts";
import { may } from "../../client/session.ts";
import { complain, say } from "../../shell/toast.tsx";
import { words } from "../../words/words.ts";
import type { Report, Stream } from "./subject.ts";

export type ChangeAnswer = "confirmed" | "rejected" | null;

/** Does something, says so with an undo, and lets every card ask again; what cannot be done is said. */
async function done(text: string, write: () => Promise<unknown>, undo: () => Promise<unknown>): Promise<void> {
  if (!may("label")) {
    say(words.labelling.mayNot);
    return;
  }
  try {
    await write();
    news.health.value += 1;
    say(text, async () => {
      await undo();
      news.health.value += 1;
    });
  } catch (error) {
    complain(error);
  }
}

export function answerReport({ id, answer: before }: Report, answer: ChangeAnswer): Promise<void> {
  const write = (wanted: ChangeAnswer) => put("/changes/:id/answer", { answer: wanted }, { params: { id } });
  return done(
    words.changes.reports.done[answer ?? "none"],
    () => write(answer),
    () => write(before as ChangeAnswer),
  );
}

export function muteStream({ stream }: Pick<Stream, "stream">, isMuted: boolean): Promise<void> {
  const write = (wanted: boolean) => post("/streams/mute", { stream, isMuted: wanted });
  return done(
    words.changes.streams.done[isMuted ? "muted" : "unmuted"],
    () => write(isMuted),
    () => write(!isMuted),
  );
}

import { hrefOf } from "../../shell/route.ts";
import { share } from "../../words/numbers.ts";
import { titleOf } from "../../words/subject.ts";
import { at, dateText, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import { muteStream } from "./change-writes.ts";
import { levelNow, levelOf, type Stream, summaryOf } from "./subject.ts";

/** One thing that is watched: how it is now, how it was before, and whether its changes are told. */
export function StreamRow({ stream }: { readonly stream: Stream }) {
  const say = words.changes.streams;
  const title = titleOf(stream);
  return (
    <li class="stream" data-muted={stream.isMuted}>
      <div>
        <p class="stream-name">{title}</p>
        <p>{standingOf(stream)}</p>
        <Muted stream={stream} />
      </div>
      <p class="actions">
        <a class="button" href={hrefOf(`/changes/${encodeURIComponent(stream.stream)}`)} aria-label={say.lookOf(title)}>
          {say.look}
        </a>
        <MuteButton stream={stream} />
      </p>
    </li>
  );
}

export function Muted({ stream: { mutedBy, mutedAtUtc } }: { readonly stream: Stream }) {
  if (mutedBy === null || mutedAtUtc === null) return null;
  return <p class="second">{words.changes.streams.muted(mutedBy, stamp(at(mutedAtUtc)))}</p>;
}

export function MuteButton({ stream }: { readonly stream: Stream }) {
  const say = words.changes.streams;
  const { isMuted } = stream;
  return (
    <button
      type="button"
      aria-label={isMuted ? say.unmuteOf(titleOf(stream)) : say.muteOf(titleOf(stream))}
      onClick={() => void muteStream(stream, !isMuted)}
    >
      {isMuted ? say.unmute : say.mute}
    </button>
  );
}

/** "Now 5.8 times an hour; 3.1 times an hour until November 3." */
export function standingOf(stream: Stream): string {
  const say = words.changes.streams;
  const { learned, mean, isPending } = summaryOf(stream);
  if (learned < 1) return say.learning(share(learned));
  if (stream.changedAtUtc === null) return say.steady(levelOf(stream, mean));
  const told = say.since(levelOf(stream, levelNow(stream)), levelOf(stream, stream.beforeMean), dateText(at(stream.changedAtUtc)));
  return isPending ? `${told} ${say.pending}` : told;
}

import type { DayView } from "./day-view.ts";
import type { Emit } from "./emit.ts";
import { createRandom, type Random } from "./random.ts";

const MINUTE = 60_000;
const TITLES = ["News", "Film", "Quiz", "Series", "Football", "Nature", "Talk", "Concert"] as const;
/** How long it waits for somebody who went to the kitchen. */
const PATIENCE_MINUTES = 9;

export interface TelevisionState {
  playing: "off" | "playing" | "paused";
  volume: number;
  title: number;
  leftMinutes: number;
  empty: number;
}

export function createTelevisionState(): TelevisionState {
  return { playing: "off", volume: 0.3, title: 0, leftMinutes: 0, empty: 0 };
}

/** The television plays while somebody watches; its volume and title change without a change of state. */
export function emitTelevision(seed: number, view: DayView, state: TelevisionState, emit: Emit): void {
  const random = createRandom(seed, 111, view.day);
  for (let minute = 0; minute < view.minutes; minute += 1) {
    const atMs = view.startMs + minute * MINUTE + random.between(0, 59_000);
    const watched = view.television[minute]! > 0;
    if (state.playing === "off") {
      if (watched) start(state, atMs, random, emit);
      continue;
    }
    state.empty = watched ? 0 : state.empty + 1;
    if (state.empty > PATIENCE_MINUTES) {
      state.playing = "off";
      emit("media_player.living_room_tv", atMs, "off");
    } else if (watched && state.playing === "paused") {
      state.playing = "playing";
      say(state, atMs, emit);
    } else if (state.empty === 1 && random.chance(0.5)) {
      state.playing = "paused";
      say(state, atMs, emit);
    } else if (state.playing === "playing") {
      watch(state, atMs, random, emit);
    }
  }
}

function start(state: TelevisionState, atMs: number, random: Random, emit: Emit): void {
  state.playing = "playing";
  state.empty = 0;
  state.title = Math.floor(random.between(0, TITLES.length));
  state.leftMinutes = random.lognormal(35, 0.5);
  say(state, atMs, emit);
}

function watch(state: TelevisionState, atMs: number, random: Random, emit: Emit): void {
  state.leftMinutes -= 1;
  const nextTitle = state.leftMinutes <= 0;
  const louder = random.chance(1 / 30);
  if (nextTitle) {
    state.title = (state.title + 1 + Math.floor(random.between(0, TITLES.length - 1))) % TITLES.length;
    state.leftMinutes = random.lognormal(35, 0.5);
  }
  if (louder) state.volume = Math.min(0.6, Math.max(0.1, Math.round((state.volume + random.normal(0, 0.06)) * 50) / 50));
  if (nextTitle || louder) say(state, atMs, emit);
}

function say(state: TelevisionState, atMs: number, emit: Emit): void {
  emit("media_player.living_room_tv", atMs, state.playing, {
    volume_level: state.volume,
    is_volume_muted: false,
    media_content_type: "tvshow",
    media_title: TITLES[state.title],
  });
}

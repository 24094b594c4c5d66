import { median } from "simple-statistics";
import { MINUTE_MS } from "../../time.ts";
import { sigmoid } from "./logit.ts";
import { nextOnOff, type OnOff } from "./on-off.ts";

export interface Spell {
  readonly startMs: number;
  readonly endMs: number;
}

/** What was said of windows, in time order. */
export interface SaidWindows {
  readonly windowEndMs: ArrayLike<number>;
  readonly logits: ArrayLike<number>;
  readonly gridMs: number;
}

/** How far off, in minutes, without sign. */
interface Spread {
  readonly median: number;
  readonly worst: number;
}

export interface NightErrors {
  readonly nights: number;
  /** Nights of which nothing was said, and spells said where there was none. */
  readonly missed: number;
  readonly invented: number;
  /** Null where no night was found. */
  readonly start_minutes: Spread | null;
  readonly end_minutes: Spread | null;
}

/** A pause up to this is part of the night. */
const PAUSE_MS = 60 * MINUTE_MS;
/** As in live predictions: an answer further back says nothing of whether it is on now. */
const GOES_ON_WINDOWS = 3;

/** How well start and end of what is true were found, by the same on and off that an automation sees. @param truth spells of the days that were said */
export function nightErrors(truth: readonly Spell[], said: SaidWindows): NightErrors {
  const nights = merged(truth);
  const spells = merged(saidSpells(said));
  const found = nights.flatMap((night) => {
    const touching = spells.filter((spell) => overlap(night, spell) > 0);
    const nearest = touching.sort((a, b) => overlap(night, b) - overlap(night, a))[0];
    return nearest === undefined ? [] : [{ night, spell: nearest }];
  });
  return {
    nights: nights.length,
    missed: nights.length - found.length,
    invented: spells.filter((spell) => nights.every((night) => overlap(night, spell) <= 0)).length,
    start_minutes: spreadOf(found.map(({ night, spell }) => spell.startMs - night.startMs)),
    end_minutes: spreadOf(found.map(({ night, spell }) => spell.endMs - night.endMs)),
  };
}

function saidSpells({ windowEndMs, logits, gridMs }: SaidWindows): Spell[] {
  const spells: Spell[] = [];
  let before: OnOff | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  const close = (endMs: number): void => {
    if (before?.isOn === true) spells.push({ startMs: beganMs(before, gridMs), endMs });
  };
  for (let i = 0; i < logits.length; i++) {
    const endMs = windowEndMs[i]!;
    if (endMs - lastMs > GOES_ON_WINDOWS * gridMs) {
      close(lastMs);
      before = null;
    }
    const now = nextOnOff(before, sigmoid(logits[i]!), endMs, gridMs);
    if (!now.isOn) close(beganMs(now, gridMs));
    before = now;
    lastMs = endMs;
  }
  close(lastMs);
  return spells;
}

/** Where no run tells since when, no earlier than the window that told. */
function beganMs({ sinceMs, foundAtMs }: OnOff, gridMs: number): number {
  return sinceMs ?? foundAtMs - gridMs;
}

function overlap(a: Spell, b: Spell): number {
  return Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs);
}

function merged(spells: readonly Spell[]): Spell[] {
  const out: Spell[] = [];
  for (const spell of spells.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = out.at(-1);
    if (last !== undefined && spell.startMs - last.endMs <= PAUSE_MS) {
      out[out.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, spell.endMs) };
    } else out.push(spell);
  }
  return out;
}

function spreadOf(errorsMs: readonly number[]): Spread | null {
  if (errorsMs.length === 0) return null;
  const minutes = errorsMs.map((error) => Math.abs(error) / MINUTE_MS);
  return { median: median(minutes), worst: Math.max(...minutes) };
}

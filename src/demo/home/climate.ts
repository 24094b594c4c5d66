import type { Calendar } from "./calendar.ts";
import type { DayView } from "./day-view.ts";
import type { Emit } from "./emit.ts";
import type { HistoryShape } from "./history-shape.ts";
import { createRandom, nextAr1, type Random } from "./random.ts";
import { ROOMS, type Room } from "./rooms.ts";

const STEP_MS = 300_000;
const MINUTE = 60_000;
/** From hour to hour the noise keeps 0.69 of itself. */
const NOISE_PHI = 0.97;
const OFFICE_STEP_DEGREES = 1.4;

interface Heated {
  readonly room: Room;
  readonly day: number;
  readonly night: number;
  readonly noise: number;
}
const HEATED: readonly Heated[] = [
  { room: "bedroom", day: 18.2, night: 17, noise: 0.2 },
  { room: "kitchen", day: 20, night: 18, noise: 0.25 },
  { room: "living_room", day: 20.4, night: 17.6, noise: 0.2 },
  { room: "office", day: 19.6, night: 17.8, noise: 0.22 },
];

export interface ClimateState {
  readonly temperatures: number[];
  readonly noise: number[];
  /** Last reported value by entity. */
  readonly reported: Map<string, number>;
  weather: number;
  breath: number;
  steam: number;
  readonly damp: number[];
  setpoint: number;
}

export function createClimateState(): ClimateState {
  return {
    temperatures: HEATED.map((heated) => heated.night + 1),
    noise: HEATED.map(() => 0),
    reported: new Map(),
    weather: 0,
    breath: 0,
    steam: 0,
    damp: [0, 0],
    setpoint: 0,
  };
}

/** Temperatures and humidities in steps of five minutes: heating by the clock, people, cooking, weather, and AR(1) noise of the sensors' surroundings. */
export function emitClimate(seed: number, view: DayView, state: ClimateState, shape: HistoryShape, calendar: Calendar, emit: Emit): void {
  const random = createRandom(seed, 91, view.day);
  state.weather = nextAr1(state.weather, 0.8, 2.6, random);
  const season = -Math.cos((2 * Math.PI * (view.startMs / 86_400_000 + 0.5 - 20)) / 365.2425);
  for (let stepMs = view.startMs; stepMs < view.endMs; stepMs += STEP_MS) {
    const minute = Math.min(view.minutes - 1, Math.floor((stepMs - view.startMs) / MINUTE));
    const hour = calendar.hourAt(stepMs);
    const outside = 10.5 + 7.5 * season + state.weather + (2.2 + season) * Math.sin((2 * Math.PI * (hour - 9)) / 24);
    const heating = hour >= 6.3 && hour < 22.4;
    const at = (): number => Math.min(view.endMs - 1, stepMs + random.between(0, 240_000));
    say("sensor.outside_temperature", outside + random.normal(0, 0.05), 0.2, 1, at(), state, emit);
    for (const [i, heated] of HEATED.entries()) {
      const people = view.awake[ROOMS.indexOf(heated.room)]![minute]! + (heated.room === "bedroom" ? view.asleep[minute]! : 0);
      const cooking = heated.room === "kitchen" ? view.cooking[minute]! : 0;
      const step = heated.room === "office" && stepMs >= shape.habitChangeAtMs ? OFFICE_STEP_DEGREES : 0;
      const goal = (heating ? heated.day : heated.night) + step + 0.25 * people + 2.2 * cooking + 0.05 * (outside - 10);
      state.temperatures[i] = state.temperatures[i]! + (goal - state.temperatures[i]!) * (STEP_MS / (110 * MINUTE));
      state.noise[i] = nextAr1(state.noise[i]!, NOISE_PHI, heated.noise, random);
      say(`sensor.${heated.room}_temperature`, state.temperatures[i]! + state.noise[i]!, 0.1, 1, at(), state, emit);
    }
    sayHumidities(view, minute, at, state, random, emit);
    const setpoint = heating ? 20.5 : 17.5;
    sayThermostat(setpoint, state, at(), emit);
  }
}

function sayHumidities(view: DayView, minute: number, at: () => number, state: ClimateState, random: Random, emit: Emit): void {
  state.steam = state.steam * 0.86 + (view.showering[minute]! > 0 ? 9 : 0);
  state.breath = state.breath * 0.97 + 0.12 * view.asleep[minute]!;
  for (let i = 0; i < 2; i += 1) state.damp[i] = nextAr1(state.damp[i]!, 0.985, 2.4, random);
  say("sensor.bathroom_humidity", Math.min(99, 54 + state.steam + state.damp[0]!), 1, 0, at(), state, emit);
  say("sensor.bedroom_humidity", Math.min(99, 50 + state.breath + state.damp[1]!), 1, 0, at(), state, emit);
}

/** The thermostat's state is its mode, so the temperature it shows changes as an attribute alone. */
function sayThermostat(setpoint: number, state: ClimateState, atMs: number, emit: Emit): void {
  const shown = Math.round((state.temperatures[2]! + state.noise[2]! * 0.5) * 5) / 5;
  if (shown === state.reported.get("climate.living_room") && setpoint === state.setpoint) return;
  state.reported.set("climate.living_room", shown);
  state.setpoint = setpoint;
  emit("climate.living_room", atMs, "heat", {
    current_temperature: shown,
    temperature: setpoint,
    hvac_action: shown < setpoint - 0.2 ? "heating" : "idle",
  });
}

/** Reports a value when it has moved by a step, as battery sensors do. */
function say(entityId: string, value: number, step: number, digits: number, atMs: number, state: ClimateState, emit: Emit): void {
  const last = state.reported.get(entityId);
  if (last !== undefined && Math.abs(value - last) < step * 0.8) return;
  const rounded = Math.round(value / step) * step;
  if (rounded === last) return;
  state.reported.set(entityId, rounded);
  emit(entityId, atMs, rounded.toFixed(digits));
}

import type { Zone } from "../time.ts";
import { type Column, writeCell } from "./column.ts";
import type { Of } from "./definition.ts";
import { endUsOf, type Frame } from "./frame.ts";

export function writeClockWave({ wave, harmonic }: Of<"clock_wave">, frame: Frame, zone: Zone, column: Column): void {
  for (let w = 0; w < frame.windows; w++) {
    const angle = (zone.hourAt(endUsOf(frame, w) / 1000) / 24) * 2 * Math.PI * harmonic;
    writeCell(column, w, wave === "sin" ? Math.sin(angle) : Math.cos(angle), 1);
  }
}

export function writeDays({ days, leadHours }: Of<"clock_days">, frame: Frame, zone: Zone, column: Column): void {
  for (let w = 0; w < frame.windows; w++) {
    // The local day that turns `leadHours` before midnight, counted from Thursday 1970-01-01.
    const day = zone.dayAt(endUsOf(frame, w) / 1000, -leadHours);
    writeCell(column, w, days.includes(((((day + 3) % 7) + 7) % 7) + 1) ? 1 : 0, 1);
  }
}

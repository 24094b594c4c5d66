import { signal } from "@preact/signals";
import { deviceMs } from "../around/device-clock.ts";

/** The app's time: that of its home, which a simulation may put elsewhere, and which this device's clock may miss. */
let offsetMs = 0;

/** Learns the app's time from an answer, and when it came by this device's clock. */
export function setNow(nowUtc: string, cameMs = deviceMs()): void {
  offsetMs = Date.parse(nowUtc) - cameMs;
}

export function nowMs(): number {
  return deviceMs() + offsetMs;
}

/** The app's time every five seconds, for words like "4 s ago"; it stands still while nobody looks. */
export const currentMs = signal(nowMs());

/** Goes on for as long as the page lives. */
export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) currentMs.value = nowMs();
  }, 5000);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** @typedef {ReturnType<typeof createTimes>} Times */

/**
 * Instants as text in the home's zone: day, short month and a 24-hour clock, which no country reads differently.
 * @param {string} timeZone
 * @param {number} nowMs the app's instant, not the browser's: a simulated home lives at another one
 */
export function createTimes(timeZone, nowMs) {
  const { zone, format } = formatIn(timeZone);
  const now = partsAt(nowMs);

  /** @param {number} atMs */
  function partsAt(atMs) {
    const parts = Object.fromEntries(format.formatToParts(atMs).map((part) => [part.type, part.value]));
    return {
      year: Number(parts["year"]),
      month: Number(parts["month"]),
      day: Number(parts["day"]),
      hour: Number(parts["hour"]),
      minute: Number(parts["minute"]),
      clock: `${parts["hour"]}:${parts["minute"]}`,
    };
  }

  /** @param {number} atMs */
  function day(atMs) {
    const at = partsAt(atMs);
    const text = `${at.day} ${MONTHS[at.month - 1]}`;
    return at.year === now.year ? text : `${text} ${at.year}`;
  }

  /** The clock alone today, with the day otherwise. @param {number} atMs */
  function stamp(atMs) {
    const at = partsAt(atMs);
    const isToday = at.year === now.year && at.month === now.month && at.day === now.day;
    return isToday ? at.clock : dated(atMs);
  }

  /** A day that both ends share is said once. @param {number} fromMs @param {number} toMs */
  function range(fromMs, toMs) {
    const isOneDay = day(fromMs) === day(toMs);
    return `${isOneDay ? stamp(fromMs) : dated(fromMs)} → ${isOneDay ? partsAt(toMs).clock : dated(toMs)} (${duration(toMs - fromMs)})`;
  }

  /** @param {number} atMs */
  function dated(atMs) {
    return `${day(atMs)} ${partsAt(atMs).clock}`;
  }

  /** @param {number} atMs */
  function ago(atMs) {
    const pastMs = nowMs - atMs;
    return pastMs < HOUR_MS ? `${duration(Math.max(0, pastMs))} ago` : stamp(atMs);
  }

  /** @param {number} atMs */
  function until(atMs) {
    const leftMs = atMs - nowMs;
    if (leftMs <= 0) return "now";
    return leftMs < HOUR_MS ? `in ${duration(leftMs)}` : stamp(atMs);
  }

  return { zone, nowMs, partsAt, day, stamp, range, ago, until };
}

/**
 * "40 s", "12 min", "8 h 5 min", "3 d 4 h", never broken over two lines.
 * @param {number} spanMs
 */
export function duration(spanMs) {
  if (spanMs < MINUTE_MS) return `${Math.round(spanMs / SECOND_MS)}\u00a0s`;
  const minutes = Math.round(spanMs / MINUTE_MS);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? pair(hours, "h", minutes % 60, "min") : pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** @param {number} large @param {string} largeUnit @param {number} small @param {string} smallUnit */
function pair(large, largeUnit, small, smallUnit) {
  return small === 0 ? `${large}\u00a0${largeUnit}` : `${large}\u00a0${largeUnit} ${small}\u00a0${smallUnit}`.replaceAll(" ", "\u00a0");
}

/** @param {string} timeZone */
function formatIn(timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const wanted = { year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return { zone: timeZone, format: new Intl.DateTimeFormat("en-GB", { ...wanted, timeZone }) };
  } catch {
    // A browser older than the zone's name: UTC, and the page says so where it names the zone.
    return { zone: "UTC", format: new Intl.DateTimeFormat("en-GB", { ...wanted, timeZone: "UTC" }) };
  }
}

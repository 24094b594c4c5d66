const ZERO = 48;

/**
 * Home Assistant's ISO text (`2026-11-21T12:44:15.656002+00:00`) as integer µs since the epoch, exact; NaN when it is none: another form, a day
 * that no calendar has, or one too far away for exact µs. The fraction is left out by Home Assistant when it is zero. Hand-written, because it
 * runs for every event.
 */
export function isoToUs(text: string): number {
  if (!hasMarks(text)) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  // Date.UTC would roll a 30th of February over to March, and takes years below 100 for others. NaN is in no range.
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month))) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  let at = 19;
  let fractionUs = 0;
  if (text.charCodeAt(at) === 46) {
    const first = ++at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    const length = Math.min(at - first, 6);
    fractionUs = digits(text, first, length) * 10 ** (6 - length);
  }
  const us = Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + fractionUs - offsetUs(text, at);
  return Number.isSafeInteger(us) ? us : Number.NaN;
}

/** `-` and `:` and `T` where they belong: 2026-11-21T12:44:15. */
function hasMarks(text: string): boolean {
  return (
    text.length >= 20 &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(10) === 84 &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  );
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function offsetUs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90 && text.length === at + 1) return 0;
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return Number.NaN;
  const hours = digits(text, at + 1, 2);
  const rest = digits(text, at + 4, 2);
  if (!(hours <= 23 && rest <= 59)) return Number.NaN;
  const minutes = hours * 60 + rest;
  return minutes === 0 ? 0 : (sign === 45 ? -minutes : minutes) * 60_000_000;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}

function digits(text: string, from: number, length: number): number {
  let value = 0;
  for (let i = from; i < from + length; i += 1) {
    const code = text.charCodeAt(i);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + (code - ZERO);
  }
  return length > 0 ? value : Number.NaN;
}

/**
 * Seconds with a fraction (history's `lu`) as integer µs, rounded exactly as Python's `datetime.fromtimestamp` does: the fraction alone is
 * scaled, ties go to the even µs. Any other rounding differs from the live text about once in 65,536 rows, and the same event would be
 * stored twice.
 */
export function secondsToUs(seconds: number): number {
  const whole = Math.trunc(seconds);
  const scaled = (seconds - whole) * 1e6;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return whole * 1_000_000 + floor + (up ? 1 : 0);
}

/** Integer µs as the ISO text that Home Assistant's commands take. */
export function usToIso(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  return `${new Date(ms).toISOString().slice(0, 23)}${String(rest).padStart(3, "0")}+00:00`;
}

const ZERO = 48;

/**
 * Home Assistant's ISO text (`2026-11-21T12:44:15.656002+00:00`) as integer µs since the epoch, exact; NaN when it is none.
 * The fraction is left out by Home Assistant when it is zero. Hand-written, because it runs for every event.
 */
export function isoToUs(text: string): number {
  if (text.length < 20 || text.charCodeAt(10) !== 84) return Number.NaN;
  const secondMs = Date.UTC(
    digits(text, 0, 4),
    digits(text, 5, 2) - 1,
    digits(text, 8, 2),
    digits(text, 11, 2),
    digits(text, 14, 2),
    digits(text, 17, 2),
  );
  let at = 19;
  let fractionUs = 0;
  if (text.charCodeAt(at) === 46) {
    const first = ++at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    const length = Math.min(at - first, 6);
    fractionUs = digits(text, first, length) * 10 ** (6 - length);
  }
  return secondMs * 1000 + fractionUs - offsetUs(text, at);
}

function offsetUs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === 90 && text.length === at + 1) return 0;
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6) return Number.NaN;
  const minutes = digits(text, at + 1, 2) * 60 + digits(text, at + 4, 2);
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

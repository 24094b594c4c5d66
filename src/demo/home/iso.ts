/** An instant as Home Assistant writes it: ISO-8601 in UTC with microseconds, which are left out when they are zero. */
export function isoMicros(atUs: number): string {
  const seconds = Math.floor(atUs / 1e6);
  const micros = atUs - seconds * 1e6;
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  return micros === 0 ? `${text}+00:00` : `${text}.${String(micros).padStart(6, "0")}+00:00`;
}

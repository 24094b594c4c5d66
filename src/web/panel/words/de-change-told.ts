import type { ChangeTold } from "./change-told.ts";
import { figure } from "./numbers.ts";

const ROUGH_MS = 2 * 86_400_000;

const PARTS: Readonly<Record<string, string>> = {
  night: " nachts",
  morning: " morgens",
  afternoon: " nachmittags",
  evening: " abends",
};

/** „Flur wird seit dem 3. November nachts 40 % mehr genutzt.“ Was die App selbst sagt, ist englisch. */
export function changeInGerman(change: ChangeTold, name: string, date: string): string {
  const hasPart = change.dayPart !== null && change.partBeforeMean !== null && change.partAfterMean !== null;
  const [before, after] = hasPart ? [change.partBeforeMean!, change.partAfterMean!] : [change.beforeMean, change.afterMean];
  const isRough = Date.parse(change.startHighUtc) - Date.parse(change.startLowUtc) > ROUGH_MS;
  const when = `${isRough ? "etwa " : ""}seit dem ${date}${hasPart ? (PARTS[change.dayPart!] ?? "") : ""}`;
  if (before === null || after === null || change.model === null) return `${name} ist ${when} nicht mehr wie zuvor.`;
  if (change.model === "poisson") return `${name} wird ${when} ${amountOf(before, after)}.`;
  if (change.model === "gaussian") {
    const unit = change.unit === null ? "" : `\u00a0${change.unit}`;
    return `${name} ist ${when} ${figure(Math.abs(after - before))}${unit} ${after > before ? "höher" : "niedriger"} (${figure(after)} statt ${figure(before)}).`;
  }
  const shares = `${percents(after)} der Zeit statt ${percents(before)}`;
  if (change.stream.includes(":presence_")) return `In ${name} ist ${when} ${shares} jemand.`;
  if (change.stream.includes(":light_")) return `Das Licht in ${name} ist ${when} ${shares} an.`;
  return `${name} ist ${when} ${shares} an.`;
}

const percents = (share: number): string => `${figure(Math.round(1000 * share) / 10)}\u00a0%`;

/** Jenseits des Doppelten sagt der Faktor mehr als Prozente. */
function amountOf(before: number, after: number): string {
  if (before <= 0) return after <= 0 ? "nicht mehr wie zuvor genutzt" : "genutzt, was zuvor nicht so war";
  const factor = after / before;
  if (factor < 0.02) return "kaum noch genutzt";
  if (factor > 50) return "genutzt, was zuvor kaum so war";
  if (factor >= 2) return `${figure(Number(factor.toPrecision(2)))}-mal so viel genutzt`;
  const percent = Math.round(100 * Math.abs(factor - 1));
  if (percent === 0) return "etwa gleich viel genutzt, aber zu anderen Zeiten";
  return `${percent}\u00a0% ${factor > 1 ? "mehr" : "weniger"} genutzt`;
}

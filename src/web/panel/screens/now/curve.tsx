import { percent } from "../../words/numbers.ts";
import { at, clockText, stamp } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import type { Target } from "./target.ts";

const WIDTH = 600;
const HEIGHT = 96;

interface CurveProps {
  readonly target: Target;
  readonly sinceUtc: string;
  readonly nowUtc: string;
}

/** The last day of a target in one small picture; the Timeline has the large one. */
export function Curve({ target: { curve, labels, prediction }, sinceUtc, nowUtc }: CurveProps) {
  const [fromMs, toMs] = [at(sinceUtc), at(nowUtc)];
  const x = (atMs: number): number => (WIDTH * (Math.min(toMs, Math.max(fromMs, atMs)) - fromMs)) / (toMs - fromMs);
  const y = (probability: number): number => HEIGHT * (1 - probability);
  const { threshold } = prediction;
  return (
    <figure class="day-curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={inWords(curve.probabilities)}>
        {labels
          .filter(({ kind }) => kind === "positive")
          .map(({ startUtc, endUtc }) => (
            <rect
              key={startUtc}
              class="said"
              x={x(at(startUtc))}
              y={0}
              width={Math.max(0, x(at(endUtc)) - x(at(startUtc)))}
              height={HEIGHT}
            />
          ))}
        {threshold !== null && <line class="threshold" x1={0} x2={WIDTH} y1={y(threshold)} y2={y(threshold)} />}
        <path d={pathOf(curve, x, y)} />
      </svg>
      <figcaption class="second">
        <span>{stamp(fromMs)}</span>
        <span>{clockText(toMs)}</span>
        <span>{labels.some(({ kind }) => kind === "positive") ? words.now.curve.withLabels : words.now.curve.plain}</span>
      </figcaption>
    </figure>
  );
}

/** One line for each run of windows that have an answer. */
function pathOf(
  { firstWindowEndUtc, gridMs, probabilities }: Target["curve"],
  x: (atMs: number) => number,
  y: (p: number) => number,
): string {
  const firstMs = at(firstWindowEndUtc);
  let path = "";
  let isDrawing = false;
  for (const [i, probability] of probabilities.entries()) {
    if (probability !== null) path += `${isDrawing ? "L" : "M"}${x(firstMs + i * gridMs).toFixed(1)} ${y(probability).toFixed(1)}`;
    isDrawing = probability !== null;
  }
  return path;
}

function inWords(probabilities: readonly (number | null)[]): string {
  const known = probabilities.filter((probability) => probability !== null);
  return known.length === 0 ? words.now.curve.none : words.now.curve.said(percent(Math.min(...known)), percent(Math.max(...known)));
}

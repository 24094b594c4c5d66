import type { Item } from "../../client/client.ts";
import { scoreText } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";

const WIDTH = 600;
const HEIGHT = 80;
const PAD = 8;

/** Log loss of model after model; the one that serves is filled. Lower is better. */
export function ScoreLine({ models }: { readonly models: readonly Item<"/models">[] }) {
  const judged = models.filter(({ logLoss }) => logLoss !== null).toReversed();
  if (judged.length < 2) return null;
  const losses = judged.map(({ logLoss }) => logLoss!);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const x = (n: number): number => PAD + (n * (WIDTH - 2 * PAD)) / (judged.length - 1);
  const y = (loss: number): number => HEIGHT - PAD - (high > low ? (loss - low) / (high - low) : 0.5) * (HEIGHT - 2 * PAD);
  const say = words.models.history;
  return (
    <figure class="score-line">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={say.line(scoreText(losses[0]!), scoreText(losses.at(-1)!))}>
        <path d={losses.map((loss, n) => `${n === 0 ? "M" : "L"}${x(n).toFixed(1)} ${y(loss).toFixed(1)}`).join("")} />
        {judged.map(({ modelVersion, serves }, n) => (
          <circle key={modelVersion} class={serves ? "serves" : undefined} cx={x(n)} cy={y(losses[n]!)} r={serves ? 7 : 4} />
        ))}
      </svg>
      <figcaption class="second">{say.lineCaption(scoreText(low), scoreText(high))}</figcaption>
    </figure>
  );
}

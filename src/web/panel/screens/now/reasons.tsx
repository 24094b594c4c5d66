import type { Item } from "../../client/client.ts";
import { featureInWords } from "../../words/features.ts";
import { words } from "../../words/words.ts";

/** Shown; what moves less is said together. */
const MOST = 5;
/** Logits: odds about 7 times, 2 times. */
const MUCH = 2;
const SOME = 0.7;

/** What moves the probability most, from what is usual in this home, in words and as bars. */
export function Reasons({
  prediction,
  probability,
}: {
  /** Undefined while it is on its way. */
  readonly prediction: Item<"/predictions"> | null | undefined;
  readonly probability: number | null;
}) {
  const say = words.now.reason;
  if (prediction === undefined && probability !== null) return <p class="reasons-place" />;
  const reasons = joined(prediction?.contributions ?? []);
  if (probability === null || reasons.length === 0) return <p class="second">{say.none}</p>;
  const most = Math.max(...reasons.map(({ logits }) => Math.abs(logits)));
  return (
    <ul class="reasons">
      {reasons.slice(0, MOST).map(({ feature, logits }) => (
        <li key={feature}>
          <span>{feature}</span>
          <span class="second">{effectInWords(logits)}</span>
          <span class={logits > 0 ? "push up" : "push down"} aria-hidden="true">
            <span style={{ width: `${(50 * Math.abs(logits)) / most}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Features that read alike, as the waves of the time of day do, are one reason. */
function joined(contributions: Item<"/predictions">["contributions"]): { readonly feature: string; readonly logits: number }[] {
  const sums = new Map<string, number>();
  for (const { feature, logits } of contributions) {
    const name = featureInWords(feature);
    sums.set(name, (sums.get(name) ?? 0) + logits);
  }
  return [...sums].map(([feature, logits]) => ({ feature, logits })).sort((a, b) => Math.abs(b.logits) - Math.abs(a.logits));
}

function effectInWords(logits: number): string {
  const size = Math.abs(logits);
  const { more, less } = words.now.reason;
  const [much, some, slightly] = logits > 0 ? more : less;
  return (size >= MUCH ? much : size >= SOME ? some : slightly) ?? "";
}

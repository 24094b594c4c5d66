import { count, percent, share } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import { type Bin, readReport } from "./report.ts";
import { ModelCard, type Shown } from "./shown.tsx";

/** Below this a picture would show chance. */
const LEAST_DAYS = 14;
const SIZE = 200;

/** When it says so much, how often it was so. */
export function ReliabilityCard({ shown }: { readonly shown: Shown }) {
  const say = words.models.reliability;
  return (
    <ModelCard title={() => say.title} shown={shown} height={360}>
      {({ report: document, dayCount }) => {
        const { bins } = readReport(document);
        if (bins.length === 0) return <p>{words.models.report.notJudged}</p>;
        if ((dayCount ?? 0) < LEAST_DAYS) return <p>{say.tooFew(LEAST_DAYS)}</p>;
        return (
          <>
            <p>{say.what}</p>
            <figure class="reliability">
              <Picture bins={bins} />
              <figcaption class="second">{say.axes}</figcaption>
            </figure>
            <details>
              <summary>{say.table}</summary>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{say.said}</th>
                    <th scope="col">{say.came}</th>
                    <th scope="col">{say.between}</th>
                    <th scope="col" class="number">
                      {say.windows}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {bins.map(({ said, came, low, high, count: n }) => (
                    <tr key={said}>
                      <td>{percent(said)}</td>
                      <td>{share(came)}</td>
                      <td>{low === null || high === null ? "–" : `${share(low)}–${share(high)}`}</td>
                      <td class="number">{count(n)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </details>
          </>
        );
      }}
    </ModelCard>
  );
}

const x = (said: number): number => SIZE * said;
const y = (came: number): number => SIZE * (1 - came);

function Picture({ bins }: { readonly bins: readonly Bin[] }) {
  const most = Math.max(...bins.map((bin) => bin.count));
  const inWords = bins.map(({ said, came }) => words.models.reliability.point(percent(said), share(came))).join("; ");
  const ticks = [0, 0.5, 1];
  return (
    <svg viewBox={`-40 -10 ${SIZE + 60} ${SIZE + 34}`} role="img" aria-label={inWords}>
      {ticks.map((tick) => (
        <g key={tick}>
          <path class="grid" d={`M0 ${y(tick)}H${SIZE}M${x(tick)} 0V${SIZE}`} />
          <text x={-6} y={y(tick) + 4} text-anchor="end">
            {share(tick)}
          </text>
          <text x={x(tick)} y={SIZE + 16} text-anchor="middle">
            {share(tick)}
          </text>
        </g>
      ))}
      <path class="ideal" d={`M0 ${SIZE}L${SIZE} 0`} />
      {bins.map(({ said, came, low, high, count: n }) => (
        <g key={said}>
          {low !== null && high !== null && <path class="range" d={`M${x(said)} ${y(low)}V${y(high)}`} />}
          <circle cx={x(said)} cy={y(came)} r={3 + 4 * Math.sqrt(n / most)} />
        </g>
      ))}
    </svg>
  );
}

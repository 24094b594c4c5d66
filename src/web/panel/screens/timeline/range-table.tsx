import { featureInWords } from "../../words/features.ts";
import { percent } from "../../words/numbers.ts";
import { at, datedText, rangeText } from "../../words/times.ts";
import { words } from "../../words/words.ts";
import type { TimelineData } from "./data.ts";
import { peakOf } from "./layout.ts";

/** The picture in words: what a screen reader gets, and anybody who likes tables. */
export function RangeTable({ data }: { readonly data: TimelineData }) {
  const say = words.timeline.table;
  const rows = [
    ...data.labels.map(({ id, kind, startUtc, endUtc, source, saidBy }) => ({
      key: `label ${id}`,
      atMs: at(startUtc),
      what: words.labelling.kinds[kind],
      when: rangeText(at(startUtc), at(endUtc)),
      more: `${words.labelling.sourceOf(source)}${saidBy === null ? "" : `, ${saidBy}`}`,
    })),
    ...data.suggestions
      .filter(({ startUtc, endUtc }) => at(startUtc) < data.view.toMs && at(endUtc) > data.view.fromMs)
      .map(({ id, startUtc, endUtc }) => ({
        key: `suggestion ${id}`,
        atMs: at(startUtc),
        what: say.suggestion,
        when: rangeText(at(startUtc), at(endUtc)),
        more: "",
      })),
    ...data.changes.map(({ id, stream, changeAtUtc, startLowUtc, startHighUtc, probability }) => ({
      key: `change ${id}`,
      atMs: at(changeAtUtc),
      what: `${say.change}: ${featureInWords(stream)}`,
      when: datedText(at(changeAtUtc)),
      more: `${percent(probability)}; ${say.between(datedText(at(startLowUtc)), datedText(at(startHighUtc)))}`,
    })),
    ...data.gaps.map(({ id, fromUtc, toUtc }) => ({
      key: `gap ${id}`,
      atMs: at(fromUtc),
      what: say.gap,
      when: rangeText(at(fromUtc), at(toUtc)),
      more: "",
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  return (
    <details class="range-table">
      <summary>{say.show}</summary>
      <p>
        {say.peak}: {peakOf(data)}
      </p>
      {rows.length === 0 ? (
        <p>{say.nothing}</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{say.what}</th>
                <th scope="col">{say.when}</th>
                <th scope="col">{say.more}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ key, what, when, more }) => (
                <tr key={key}>
                  <td>{what}</td>
                  <td>{when}</td>
                  <td>{more}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

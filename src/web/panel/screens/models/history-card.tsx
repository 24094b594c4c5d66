import { useState } from "preact/hooks";
import { type Asked, useAsked } from "../../client/asked.ts";
import { type Answer, get, type Item } from "../../client/client.ts";
import { may } from "../../client/session.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { Confirm } from "../../parts/confirm.tsx";
import { ServerText } from "../../parts/fault-note.tsx";
import { MayNot } from "../../parts/may-not.tsx";
import { More } from "../../parts/more.tsx";
import { Time } from "../../parts/time.tsx";
import { hrefOf } from "../../shell/route.ts";
import { count, scoreText, share } from "../../words/numbers.ts";
import { words } from "../../words/words.ts";
import { letServe, rollBack } from "./model-writes.ts";
import { ScoreLine } from "./score-line.tsx";

const PART = 8;
type Model = Item<"/models">;

interface HistoryCardProps {
  readonly target: string;
  readonly models: Asked<Answer<"GET", "/models">>;
  readonly chosen: number | null;
  readonly again: () => void;
  /** Asks for older ones. */
  readonly more: () => void;
}

/** All models of a target: the one that serves, those that would like to, and those that did. */
export function HistoryCard({ target, models, chosen, again, more }: HistoryCardProps) {
  const say = words.models.history;
  const [shown, setShown] = useState(PART);
  const [wanted, setWanted] = useState<Model | "before" | null>(null);
  const before = models.data?.items.find(({ modelVersion }) => modelVersion === models.data?.rollsBackTo) ?? null;
  const next = wanted === "before" ? before : wanted;
  const serving = models.data?.items.find(({ serves }) => serves) ?? null;
  return (
    <Card
      title={say.title}
      asked={models}
      height={320}
      empty={({ total }) => (total === 0 ? <Empty>{words.models.none}</Empty> : null)}
      actions={
        may("admin") && before !== null ? (
          <button type="button" onClick={() => setWanted("before")}>
            {say.rollBack(before.modelVersion)}
          </button>
        ) : undefined
      }
    >
      {({ items, total }) => (
        <>
          <ScoreLine models={items} />
          <ul class="rows">
            {items.slice(0, shown).map((model) => (
              <li key={model.modelVersion}>
                <span>
                  <a
                    href={hrefOf(`/models/${model.modelVersion}`, { target })}
                    aria-current={model.modelVersion === chosen ? "true" : undefined}
                  >
                    {say.model(model.modelVersion)}
                  </a>{" "}
                  {model.serves && <strong>★ {say.serves}</strong>}
                  <span class="second">
                    {" "}
                    <Time utc={model.createdAtUtc} />
                  </span>
                </span>
                {may("admin") && !model.serves && (
                  <button
                    type="button"
                    class="plain"
                    aria-label={`${say.letServe}: ${say.model(model.modelVersion)}`}
                    onClick={() => setWanted(model)}
                  >
                    {say.letServe}
                  </button>
                )}
                <span class="whole second">{figuresOf(model)}</span>
              </li>
            ))}
          </ul>
          <More shown={Math.min(shown, items.length)} total={total} more={() => (shown < items.length ? setShown(items.length) : more())} />
          <Verdicts target={target} />
          <MayNot />
          {wanted !== null && (
            <Confirm
              title={wanted === "before" ? say.rollBackTitle : say.letServeOf(wanted.modelVersion)}
              action={wanted === "before" && before !== null ? say.rollBack(before.modelVersion) : say.letServe}
              close={() => setWanted(null)}
              run={async () => {
                await (wanted === "before"
                  ? rollBack(target, again)
                  : letServe(target, wanted.modelVersion, serving?.modelVersion ?? null, again));
              }}
            >
              <p>{say.effect}</p>
              {serving !== null && (
                <p>
                  {say.nowServes(serving.modelVersion)} {figuresOf(serving)}
                </p>
              )}
              {next !== null && (
                <p>
                  {say.thenServes(next.modelVersion)} {figuresOf(next)}
                </p>
              )}
            </Confirm>
          )}
        </>
      )}
    </Card>
  );
}

function figuresOf({ logLoss, skillVsClock, dayCount, stage }: Model): string {
  const say = words.models.history;
  const parts = [words.models.stageNames[stage] ?? stage, ...(dayCount === null ? [] : [say.days(count(dayCount))])];
  if (logLoss !== null) parts.push(say.logLoss(scoreText(logLoss)));
  if (skillVsClock !== null) parts.push(skillVsClock > 0 ? say.better(share(skillVsClock)) : say.worse(share(-skillVsClock)));
  return parts.join(", ");
}

function Verdicts({ target }: { readonly target: string }) {
  const say = words.models.history;
  const [isOpen, setOpen] = useState(false);
  const [limit, setLimit] = useState(PART);
  const asked = useAsked(
    isOpen ? `verdicts ${target} ${limit}` : null,
    (signal) => get("/models/verdicts", { query: { target, limit }, signal }),
    ["health"],
  );
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{say.verdicts}</summary>
      <ul class="rows">
        {asked.data?.items.map(({ modelVersion, saidAtUtc, serves, reason }, n) => (
          <li key={n}>
            <span>
              {serves ? say.chosen(modelVersion) : say.refused(modelVersion)}
              <span class="second">
                {" "}
                <Time utc={saidAtUtc} />
              </span>
            </span>
            <span class="whole second">
              <ServerText text={reason} />
            </span>
          </li>
        ))}
      </ul>
      {asked.data !== null && <More shown={asked.data.items.length} total={asked.data.total} more={() => setLimit(limit + 5 * PART)} />}
    </details>
  );
}

import type { Asked } from "../client/asked.ts";
import { hrefOf } from "../shell/route.ts";
import { words } from "../words/words.ts";
import { Card, Empty } from "./card.tsx";

/** What is there already, for a card that asks nothing. */
export function known<T>(data: T): Asked<T> {
  return { data, fault: null, asOfMs: null, isAsking: false, retry: () => undefined, set: () => undefined };
}

/** In place of a screen that is about a target. */
export function NoTarget() {
  return (
    <Card title={words.now.noTarget} asked={known(true)}>
      {() => <Empty action={<a href={hrefOf("/first-run")}>{words.nav["first-run"]}</a>}>{words.now.noTargetWhy}</Empty>}
    </Card>
  );
}

import type { ComponentChildren } from "preact";
import type { Asked } from "../../client/asked.ts";
import type { Answer } from "../../client/client.ts";
import { Card, Empty } from "../../parts/card.tsx";
import { known } from "../../parts/no-target.tsx";
import { words } from "../../words/words.ts";

export type ModelAnswer = Answer<"GET", "/models/:version">;

/** The model that this screen is about; `isNone` where the target has none yet. */
export interface Shown extends Asked<ModelAnswer> {
  readonly isNone: boolean;
}

interface ModelCardProps {
  readonly title: (model: ModelAnswer | null) => string;
  readonly shown: Shown;
  readonly height: number;
  readonly children: (model: ModelAnswer) => ComponentChildren;
}

/** A card about one model. */
export function ModelCard({ title, shown, height, children }: ModelCardProps) {
  if (shown.isNone) {
    return (
      <Card title={title(null)} asked={known(true)}>
        {() => <Empty>{words.models.none}</Empty>}
      </Card>
    );
  }
  return (
    <Card title={title(shown.data)} asked={shown} height={height}>
      {children}
    </Card>
  );
}

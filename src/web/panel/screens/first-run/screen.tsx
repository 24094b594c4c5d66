import { useAsked } from "../../client/asked.ts";
import { get } from "../../client/client.ts";
import { me } from "../../client/session.ts";
import { Card } from "../../parts/card.tsx";
import { words } from "../../words/words.ts";
import "./first-run.css";
import { ConnectStep, EntityStep, HistoryStep } from "./home-steps.tsx";
import { LabelStep } from "./label-step.tsx";
import { Step } from "./step.tsx";
import { currentStep, stepsOf } from "./steps.ts";
import { TrainStep } from "./train-step.tsx";

/** Five steps from nothing to a probability that can be trusted: what is done, and what is next. */
export function Screen() {
  const overview = useAsked("overview", (signal) => get("/overview", { signal }), ["predictions", "health"]);
  const target = me.value?.targets[0] ?? "sleep";
  return (
    <Card title={words.firstRun.title} asked={overview} height={480} class="first-run">
      {(data) => {
        const steps = stepsOf(data, target);
        const current = currentStep(steps);
        const say = words.firstRun;
        const done = steps.filter(({ isDone }) => isDone).length;
        return (
          <>
            <p>{current === null ? say.allDone : say.progress(done, steps.length)}</p>
            <ol class="steps">
              {steps.map(({ name, isDone }, n) => (
                <Step key={name} number={n + 1} title={say.steps[name]} isDone={isDone} isCurrent={name === current}>
                  {name === "connect" && <ConnectStep overview={data} />}
                  {name === "entities" && <EntityStep overview={data} />}
                  {name === "history" && <HistoryStep overview={data} />}
                  {name === "labels" && <LabelStep overview={data} target={target} />}
                  {name === "train" && <TrainStep overview={data} target={target} retry={overview.retry} />}
                </Step>
              ))}
            </ol>
          </>
        );
      }}
    </Card>
  );
}

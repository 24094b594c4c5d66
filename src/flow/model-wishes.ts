import { parseArtifact } from "../core/models/clr/artifact.ts";
import { readModels, readModelTexts, type StoredModel, servedBefore } from "../store/tables/model-list.ts";
import { targetNamed } from "./labels.ts";
import type { StageContext } from "./stage.ts";

/** What a person wants of the models of a target. */
export interface ModelRequest {
  readonly targetName: string;
  readonly wish: { readonly kind: "promote"; readonly version: number } | { readonly kind: "rollback" };
}

export interface ModelAnswer {
  readonly target: string;
  readonly from: number | null;
  readonly to: number;
}

/**
 * Lets another stored model serve, from the next prediction on. The next training refits the recipe of the model that serves then.
 * @throws RangeError in words when there is no such model; ClrFault "artifact invalid" when the stored model is damaged. Nothing is changed then.
 */
export async function changeModel({ reader, writer, clock }: StageContext, { targetName, wish }: ModelRequest): Promise<ModelAnswer> {
  const { targetId } = targetNamed(reader, targetName);
  const models = readModels(reader, targetId);
  const serving = models.find((model) => model.serves === 1);
  const wanted = wish.kind === "promote" ? versioned(models, wish.version) : before(models, servedBefore(reader, targetId));
  if (wanted.serves === 1) throw new RangeError(`model ${wanted.modelVersion} of ${targetName} serves already`);
  parseArtifact(readModelTexts(reader, wanted.artifactId).artifactJson);
  const reason = wish.kind === "promote" ? "chosen by hand" : `rolled back by hand from model ${serving?.modelVersion ?? "none"}`;
  await writer.write("promote", { targetId, artifactId: wanted.artifactId, reason, nowMs: clock.nowMs() });
  return { target: targetName, from: serving?.modelVersion ?? null, to: wanted.modelVersion };
}

function versioned(models: readonly StoredModel[], version: number): StoredModel {
  const found = models.find((model) => model.modelVersion === version);
  if (found === undefined) throw new RangeError(`there is no model ${version}; list them to see the numbers`);
  return found;
}

function before(models: readonly StoredModel[], artifactId: number | null): StoredModel {
  const found = models.find((model) => model.artifactId === artifactId);
  if (found === undefined) throw new RangeError("no other model has served before, so there is nothing to go back to");
  return found;
}

import { parseArtifact } from "../core/models/clr/artifact.ts";
import type { Db } from "../store/db.ts";
import { readModel, readModelTexts, type StoredModel, servedBefore } from "../store/tables/model-list.ts";
import { targetNamed } from "./labels.ts";
import type { StageContext } from "./stage.ts";

export const noSuchModel = (version: number): string =>
  `there is no model ${version}: it was never made, or deleted for its age; list them to see the numbers`;

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
  const serving = readModel(reader, targetId, "serving");
  const wanted = wish.kind === "promote" ? versioned(reader, targetId, wish.version) : before(reader, targetId);
  if (wanted.serves === 1) throw new RangeError(`model ${wanted.modelVersion} of ${targetName} serves already`);
  parseArtifact(readModelTexts(reader, wanted.artifactId).artifactJson);
  const reason = wish.kind === "promote" ? "chosen by hand" : `rolled back by hand from model ${serving?.modelVersion ?? "none"}`;
  await writer.write("promote", { targetId, artifactId: wanted.artifactId, reason, nowMs: clock.nowMs() });
  return { target: targetName, from: serving?.modelVersion ?? null, to: wanted.modelVersion };
}

function versioned(reader: Db, targetId: number, version: number): StoredModel {
  const found = readModel(reader, targetId, { version });
  if (found === null) throw new RangeError(noSuchModel(version));
  return found;
}

function before(reader: Db, targetId: number): StoredModel {
  const artifactId = servedBefore(reader, targetId);
  const found = artifactId === null ? null : readModel(reader, targetId, { artifactId });
  if (found === null) throw new RangeError("no other model has served before, so there is nothing to go back to");
  return found;
}

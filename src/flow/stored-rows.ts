import { decodeValues } from "../core/features/encode.ts";
import type { Db } from "../store/db.ts";
import { type FeatureSet, readFeatureSet } from "../store/tables/features.ts";

/** Reads stored rows of any set as rows of one set: a feature keeps its values wherever it stood, one that was not there is NaN. */
export interface RowReader {
  read(setId: number, valuesJson: string): Float64Array;
}

export function createRowReader(db: Db, into: FeatureSet): RowReader {
  const places = new Map<number, { readonly length: number; readonly from: Int32Array }>();
  const position = new Map(into.members.map((member, index) => [member.featureId, index]));

  function placesOf(setId: number): { readonly length: number; readonly from: Int32Array } {
    let known = places.get(setId);
    if (known === undefined) {
      const members = readFeatureSet(db, setId)?.members ?? [];
      const from = new Int32Array(into.members.length).fill(-1);
      members.forEach((member, index) => {
        const at = position.get(member.featureId);
        if (at !== undefined) from[at] = index;
      });
      known = { length: members.length, from };
      places.set(setId, known);
    }
    return known;
  }

  return {
    read(setId, valuesJson) {
      const { length, from } = placesOf(setId);
      const values = decodeValues(valuesJson, length);
      return setId === into.setId ? values : Float64Array.from(from, (index) => (index < 0 ? Number.NaN : values[index]!));
    },
  };
}

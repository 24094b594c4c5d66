/** A coefficient as the artifact has it: for the raw value, in the feature's own unit. */
export interface Coefficient {
  readonly feature: string;
  readonly value: number;
  readonly unit: string | null;
  /** Training standard deviation of the feature: a usual step. */
  readonly usualStep: number | null;
}

/** All of a stored model's, the weightiest first. */
export function coefficientsOf(artifact: Readonly<Record<string, unknown>>): readonly Coefficient[] {
  const names = artifact["feature_names"];
  const model = artifact["model"] as { readonly coefficients?: readonly number[] } | undefined;
  const scale = (artifact["scale"] ?? {}) as Readonly<Record<string, number>>;
  const units = (artifact["units"] ?? {}) as Readonly<Record<string, string>>;
  if (!Array.isArray(names) || model?.coefficients === undefined) return [];
  const { coefficients } = model;
  return (names as readonly string[])
    .map((feature, k) => ({ feature, value: coefficients[k] ?? 0, unit: units[feature] ?? null, usualStep: scale[feature] ?? null }))
    .sort((a, b) => weight(b) - weight(a));
}

const weight = ({ value, usualStep }: Coefficient): number => Math.abs(value) * (usualStep ?? 0);

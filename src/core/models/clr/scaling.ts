import { columnOf, createDesign, type Design } from "./design.ts";

/** Means and population standard deviations of the columns of a design; a column that does not vary has scale 1. */
export interface Scaling {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** Coefficients for the columns as they are, and the intercept in logits. */
export interface LinearModel {
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/** Two passes per column, so that a column far from zero keeps its spread. A column that overflows has a non-finite scale. */
export function scalingOf(design: Design): Scaling {
  const mean = new Float64Array(design.cols);
  const scale = new Float64Array(design.cols);
  for (let j = 0; j < design.cols; j++) {
    const column = columnOf(design, j);
    let sum = 0;
    let varies = false;
    for (let i = 0; i < column.length; i++) {
      sum += column[i]!;
      if (column[i] !== column[0]) varies = true;
    }
    const centre = sum / column.length;
    let squares = 0;
    for (let i = 0; i < column.length; i++) squares += (column[i]! - centre) ** 2;
    const spread = Math.sqrt(squares / column.length);
    mean[j] = centre;
    // A constant column may have a spread that is nothing but the rounding of its mean.
    scale[j] = varies && spread > 0 ? spread : 1;
  }
  return { mean, scale };
}

/** (cell - mean) / scale, in a new design. */
export function standardise(design: Design, scaling: Scaling): Design {
  const standard = createDesign(design.rows, design.cols);
  for (let j = 0; j < design.cols; j++) {
    const mean = scaling.mean[j]!;
    const inverse = 1 / scaling.scale[j]!;
    const from = j * design.rows;
    for (let i = 0; i < design.rows; i++) standard.columns[from + i] = (design.columns[from + i]! - mean) * inverse;
  }
  return standard;
}

/** Turns a model of standardised columns into the same model of raw columns: w / scale, and b - sum of w * mean / scale. */
export function foldToRaw(model: LinearModel, scaling: Scaling): LinearModel {
  const coefficients = new Float64Array(model.coefficients.length);
  let intercept = model.intercept;
  for (let j = 0; j < coefficients.length; j++) {
    const coefficient = model.coefficients[j]! / scaling.scale[j]!;
    coefficients[j] = coefficient;
    intercept -= coefficient * scaling.mean[j]!;
  }
  return { coefficients, intercept };
}

/** The package ships no types. Only what is used here; labels must be 0..K-1, features must hold a column of ones. */
declare module "ml-logistic-regression" {
  import type { Matrix } from "ml-matrix";

  interface TwoClassFit {
    /** 1 x columns. The k-th classifier models "the class is not k". */
    readonly weights: Matrix;
  }

  export default class LogisticRegression {
    constructor(options: { readonly numSteps: number; readonly learningRate: number });
    readonly classifiers: readonly TwoClassFit[];
    train(features: Matrix, labels: Matrix): void;
  }
}

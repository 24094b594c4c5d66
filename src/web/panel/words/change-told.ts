/** A reported change as far as words about it need it; the API's own shape. */
export interface ChangeTold {
  readonly stream: string;
  readonly unit: string | null;
  readonly model: string | null;
  readonly startLowUtc: string;
  readonly startHighUtc: string;
  readonly beforeMean: number | null;
  readonly afterMean: number | null;
  readonly dayPart: string | null;
  readonly partBeforeMean: number | null;
  readonly partAfterMean: number | null;
}

/** A schedule that can never be kept, in words for whoever wrote it. */
export class WrongSchedule extends RangeError {
  readonly code = "wrong schedule";
  constructor(words: string, cause?: unknown) {
    super(words, { cause });
    this.name = "WrongSchedule";
  }
}

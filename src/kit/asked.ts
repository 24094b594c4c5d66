/** What an app asked for, which knows whether anybody looks at what became of it: `await`, `then` and the like all come by here. */
export class Asked<T> extends Promise<T> {
  isLookedAt = false;

  /** What is made from it is a promise like any other. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise whose look is noted.
  override then<A = T, B = never>(
    onDone?: ((value: T) => A | PromiseLike<A>) | null,
    onRefused?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isLookedAt = true;
    return super.then(onDone, onRefused);
  }

  /** Why it was refused, or null; to ask for that is no look. */
  refusal(): Promise<Error | null> {
    return super.then(
      () => null,
      (reason: Error) => reason,
    );
  }
}

type Handle = (name: string, input: unknown) => unknown;

/** Handles in order, one in each turn of the loop: however much one app asks at a time, others are heard in between. */
export function oneATurn(handle: Handle): Handle {
  const waiting: (() => void)[] = [];
  let isTaken = false;

  function next(): void {
    const turn = waiting.shift();
    isTaken = turn !== undefined;
    if (turn === undefined) return;
    setImmediate(next);
    turn();
  }

  return (name, input) => {
    if (!isTaken) {
      isTaken = true;
      setImmediate(next);
      return handle(name, input);
    }
    return new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(handle(name, input));
        } catch (error) {
          reject(error);
        }
      });
    });
  };
}

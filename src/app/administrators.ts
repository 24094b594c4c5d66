/** Asked again after this, so that somebody who is made an administrator, or is none any more, is known as such soon. */
const KNOWN_MS = 60_000;
/** An id that is not among them is asked for at most this often. */
const ASK_AGAIN_MS = 5_000;

/**
 * Says of a user of Home Assistant whether they are an administrator there. Ingress lets every user in who knows the address, whatever the menu
 * shows. While Home Assistant does not answer, what it said last holds; before it ever did, nobody is known to be one or not: null.
 */
export function createAdministrators(
  ask: () => Promise<ReadonlySet<string>>,
  uptimeMs: () => number,
): (userId: string) => Promise<boolean | null> {
  let known: ReadonlySet<string> | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;

  async function refresh(): Promise<void> {
    try {
      known = await ask();
    } catch {
      // What is known holds.
    } finally {
      askedMs = uptimeMs();
      asking = null;
    }
  }

  return async (userId) => {
    const patienceMs = known?.has(userId) ? KNOWN_MS : ASK_AGAIN_MS;
    if (uptimeMs() - askedMs >= patienceMs) {
      asking ??= refresh();
      await asking;
    }
    return known?.has(userId) ?? null;
  };
}

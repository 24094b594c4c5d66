import { get } from "../../client/client.ts";
import type { Label } from "../../parts/label-writes.ts";

/** The nearest label that ends before an instant (-1), or begins after it (1); null where there is none. */
export async function nextLabel(target: string, atMs: number, direction: -1 | 1): Promise<Label | null> {
  const at = new Date(atMs).toISOString();
  const query = { target, status: "active" as const, limit: 1, ...(direction < 0 ? { to: at } : { from: at }) };
  const first = await get("/labels", { query });
  // The list begins with the latest end: backwards that is the nearest, forwards the last of them is.
  if (direction < 0 || first.total <= 1) return first.items[0] ?? null;
  const last = await get("/labels", { query: { ...query, offset: first.total - 1 } });
  return last.items[0] ?? null;
}

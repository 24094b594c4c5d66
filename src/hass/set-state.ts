import { homeError, messageOf } from "./failure.ts";

const TIMEOUT_MS = 10_000;

/** States of one's own are set over HTTP: the websocket has no command for it. @throws HomeError */
export async function putState(
  { url, token }: { readonly url: string; readonly token: string },
  entityId: string,
  state: string,
  attributes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const address = statesUrl(url, entityId);
  let response: Response;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ state, attributes }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw homeError("no answer", url, `set ${entityId}: ${messageOf(error)}`, error);
  }
  await response.body?.cancel();
  if (!response.ok) throw homeError("command refused", url, `set ${entityId}: HTTP ${response.status}`);
}

/** `ws://host/api/websocket` has its states at `http://host/api/states`, the Supervisor's `/core/websocket` at `/core/api/states`. */
export function statesUrl(websocketUrl: string, entityId: string): string {
  const url = new URL(websocketUrl);
  const path = url.pathname.replace(/\/websocket$/, "").replace(/\/api$/, "");
  return `${url.protocol === "wss:" ? "https:" : "http:"}//${url.host}${path}/api/states/${entityId}`;
}

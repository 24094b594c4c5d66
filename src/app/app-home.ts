import type { Json } from "../kit/contract.ts";
import type { HomeCalls } from "../runtime/apps/ports.ts";
import type { Listening } from "./listening.ts";

/** What apps may ask of the home, in Home Assistant's words. */
export function appHome(home: Listening["home"]): HomeCalls {
  return {
    async callService({ domain, service, target, data, wantsResponse }) {
      const answer = await home.callService({ domain, service, target, fields: data, withResponse: wantsResponse });
      const response = typeof answer === "object" && answer !== null && "response" in answer ? answer.response : null;
      return response as Json;
    },
    fireEvent: (type, data) => home.fireEvent(type, data),
    setState: (entityId, state, attributes) => home.setState(entityId, state, attributes),
    async history(entityId, fromMs, toMs) {
      const { events } = await home.history({
        entityIds: [entityId],
        fromMs: Math.floor(fromMs),
        toMs: Math.ceil(toMs),
        withStartState: true,
      });
      return events.map((event) => ({ state: event.state, atMs: event.updatedUs / 1000 })).sort((a, b) => a.atMs - b.atMs);
    },
  };
}

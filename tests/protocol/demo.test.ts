import { createDemoServer } from "../../src/demo/server/demo-server.ts";
import { protocolSuite } from "./suite.ts";

protocolSuite("the simulated home speaks the protocol", async () => {
  const server = createDemoServer({ weeks: 1, seed: 7 });
  const { url, token } = await server.start();
  return { url, token, stop: server.stop };
});

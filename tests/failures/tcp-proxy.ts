import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A network between two programs that can lose everything without telling either of them. */
export interface Network {
  readonly url: string;
  /** From now on nothing arrives and nobody is told: no FIN, no RST, on old connections and on new ones. */
  swallow(): void;
  /** New connections work again; the swallowed ones stay silent for ever. */
  heal(): void;
  stop(): Promise<void>;
}

export async function startNetwork(target: string): Promise<Network> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const lost = new WeakSet<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      if (isSwallowing) lost.add(from);
      from.on("data", (bytes) => {
        if (!lost.has(from)) to.write(bytes);
      });
      from.on("end", () => {
        if (!lost.has(from)) to.end();
      });
      from.on("error", () => from.destroy());
      from.on("close", () => {
        sockets.delete(from);
        if (!lost.has(from)) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow() {
      isSwallowing = true;
      for (const socket of sockets) lost.add(socket);
    },
    heal() {
      isSwallowing = false;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

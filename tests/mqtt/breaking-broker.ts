import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

const [CONNECT, PUBLISH, SUBSCRIBE] = [1, 3, 8];

/** A broker that greets everybody, takes so many publications in all, and ends the connection at each that follows. */
export interface BreakingBroker {
  readonly port: number;
  /** `topic=payload` of what it took. */
  readonly taken: readonly string[];
  connections(): number;
}

export async function startBreakingBroker(takes: number): Promise<BreakingBroker> {
  const taken: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let waiting = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      for (let packet = firstPacket(waiting); packet !== null; packet = firstPacket(waiting)) {
        waiting = waiting.subarray(packet.bytes);
        answer(packet);
      }
    });
    function answer({ kind, body }: Packet): void {
      if (kind === CONNECT) {
        connections += 1;
        socket.write(Buffer.from([0x20, 2, 0, 0]));
      }
      if (kind === SUBSCRIBE) socket.write(Buffer.from([0x90, 3, body[0]!, body[1]!, 1]));
      if (kind !== PUBLISH) return;
      if (taken.length >= takes) return void socket.destroy();
      // All that the app says is of quality 1: topic, number, payload.
      const end = 2 + body.readUInt16BE(0);
      taken.push(`${body.toString("utf8", 2, end)}=${body.toString("utf8", end + 2)}`);
      socket.write(Buffer.from([0x40, 2, body[end]!, body[end + 1]!]));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, taken, connections: () => connections };
}

interface Packet {
  readonly kind: number;
  readonly body: Buffer;
  readonly bytes: number;
}

/** MQTT's length stands in seven bits a byte, the lowest first. */
function firstPacket(from: Buffer): Packet | null {
  let length = 0;
  for (let at = 1; at < from.length; at += 1) {
    length += (from[at]! & 0x7f) << (7 * (at - 1));
    if (from[at]! >= 0x80) continue;
    const bytes = at + 1 + length;
    return from.length < bytes ? null : { kind: from[0]! >> 4, body: from.subarray(at + 1, bytes), bytes };
  }
  return null;
}

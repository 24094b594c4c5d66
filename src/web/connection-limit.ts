import type { Server } from "node:net";
import { isLoopback, isSupervisor, plainAddress } from "./peers.ts";

/** Connections of one address, and of all but Home Assistant's and this machine's together: whatever these open, room is left for those. */
export const MOST_OPEN = {
  /** Every user of Home Assistant comes from the one address of its ingress; a proxy on this machine is such an address as well. */
  home: 128,
  stranger: 32,
  strangers: 96,
  /** Ingress, this machine, strangers, and some to spare. */
  all: 384,
} as const;

/** Who is counted as one. */
export interface Peer {
  readonly name: string;
  /** Home Assistant or this machine. */
  readonly isAtHome: boolean;
}

/** Every machine has 16 million addresses of its own: they are one peer, or three of them would take all that there is. */
function peerAt(address: string): Peer {
  if (isLoopback(address)) return { name: "this machine", isAtHome: true };
  return { name: address, isAtHome: isSupervisor(address) };
}

/**
 * Hangs up on who holds too many connections already, whether they ask something or are silent. `onFull` is told of a peer once until it has
 * closed all; null = all strangers together, once until half of them are gone.
 */
export function limitConnections(server: Server, onFull: (name: string | null) => void, peerOf: (address: string) => Peer = peerAt): void {
  const peers = new Map<string, { open: number; isTold: boolean }>();
  let strangers = 0;
  let isCrowdTold = false;
  server.maxConnections = MOST_OPEN.all;
  server.on("connection", (socket) => {
    const address = plainAddress(socket.remoteAddress);
    // Gone already.
    if (address === undefined) return void socket.destroy();
    const { name, isAtHome } = peerOf(address);
    const peer = peers.get(name) ?? { open: 0, isTold: false };
    if (peer.open >= (isAtHome ? MOST_OPEN.home : MOST_OPEN.stranger)) {
      socket.destroy();
      if (!peer.isTold) onFull(name);
      peer.isTold = true;
      return;
    }
    if (!isAtHome && strangers >= MOST_OPEN.strangers) {
      socket.destroy();
      if (!isCrowdTold) onFull(null);
      isCrowdTold = true;
      return;
    }
    peers.set(name, peer);
    peer.open += 1;
    if (!isAtHome) strangers += 1;
    socket.once("close", () => {
      peer.open -= 1;
      if (!isAtHome) strangers -= 1;
      if (strangers <= MOST_OPEN.strangers / 2) isCrowdTold = false;
      if (peer.open === 0) peers.delete(name);
    });
  });
}

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

const isHome = (address: string): boolean => isLoopback(address) || isSupervisor(address);

/** Hangs up on who holds too many connections already, whether they ask something or are silent. `onFull` is told of an address once until it has closed all. */
export function limitConnections(server: Server, onFull: (address: string) => void, isAtHome: (address: string) => boolean = isHome): void {
  const peers = new Map<string, { open: number; isTold: boolean }>();
  let strangers = 0;
  server.maxConnections = MOST_OPEN.all;
  server.on("connection", (socket) => {
    const address = plainAddress(socket.remoteAddress);
    // Gone already.
    if (address === undefined) return void socket.destroy();
    const atHome = isAtHome(address);
    const peer = peers.get(address) ?? { open: 0, isTold: false };
    if (peer.open >= (atHome ? MOST_OPEN.home : MOST_OPEN.stranger) || (!atHome && strangers >= MOST_OPEN.strangers)) {
      socket.destroy();
      if (!peer.isTold && peer.open > 0) onFull(address);
      peer.isTold = true;
      return;
    }
    peers.set(address, peer);
    peer.open += 1;
    if (!atHome) strangers += 1;
    socket.once("close", () => {
      peer.open -= 1;
      if (!atHome) strangers -= 1;
      if (peer.open === 0) peers.delete(address);
    });
  });
}

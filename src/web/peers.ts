/** Where Home Assistant's ingress and the Supervisor's watchdog come from. */
const SUPERVISOR = "172.30.32.2";

/** An IPv4 address as such, also where it came through an IPv6 socket. */
export function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:/i, "");
}

export function isSupervisor(address: string | undefined): boolean {
  return plainAddress(address) === SUPERVISOR;
}

export function isLoopback(address: string | undefined): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || /^127(\.\d{1,3}){3}$/.test(plain ?? "");
}

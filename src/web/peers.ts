/** Where Home Assistant's ingress and the Supervisor's watchdog come from. */
const SUPERVISOR = "172.30.32.2";

/** Inside Home Assistant only ingress and this very machine are answered; outside, whoever reaches the address that HOST names. */
export function isAllowedPeer(address: string | undefined, isInsideHomeAssistant: boolean): boolean {
  if (!isInsideHomeAssistant) return true;
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, "");
  return plain === SUPERVISOR || plain === "::1" || /^127(\.\d{1,3}){3}$/.test(plain);
}

/** Rules of Home Assistant's Supervisor and of the community's linter, in our words, as far as this package can break them. */

type Configuration = Readonly<Record<string, unknown>>;

const DANGEROUS = new Set(
  "BPF CHECKPOINT_RESTORE DAC_READ_SEARCH NET_ADMIN NET_RAW PERFMON SYS_ADMIN SYS_MODULE SYS_PTRACE SYS_RAWIO".split(" "),
);

/** The security rating, 1 to 8, that the store shows. */
export function ratingOf(config: Configuration, hasProfile: boolean): number {
  if (config["docker_api"] === true || config["full_access"] === true) return 1;
  const privileges = (config["privileged"] ?? []) as readonly string[];
  let rating = 5;
  if (config["apparmor"] === false) rating -= 1;
  else if (hasProfile) rating += 1;
  if (config["ingress"] === true) rating += 2;
  else if (config["auth_api"] === true) rating += 1;
  if (privileges.some((each) => DANGEROUS.has(each)) || config["kernel_modules"] === true) rating -= 1;
  rating -= { manager: 1, admin: 2 }[String(config["hassio_role"])] ?? 0;
  if (config["host_network"] === true) rating -= 1;
  if (config["host_pid"] === true) rating -= 2;
  if (config["host_uts"] === true && privileges.includes("SYS_ADMIN")) rating -= 1;
  return Math.max(1, Math.min(8, rating));
}

/** What the Supervisor assumes: a key that says the same is refused by the linter. */
export const LEFT_AT_DEFAULT: Configuration = {
  apparmor: true,
  auth_api: false,
  backup: "hot",
  boot: "auto",
  hassio_api: false,
  hassio_role: "default",
  homeassistant_api: false,
  host_network: false,
  ingress: false,
  ingress_port: 8099,
  ingress_stream: false,
  init: true,
  panel_admin: true,
  panel_icon: "mdi:puzzle",
  stage: "stable",
  startup: "application",
  timeout: 10,
  tmpfs: false,
};

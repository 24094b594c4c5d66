export const APPS_FILE = "apps.yaml";

/** Keys of an entry that are the runtime's; all others are the app's arguments. */
export const RUNTIME_KEYS = ["file", "module", "class", "dependencies", "memory_mb", "enabled"] as const;

/** The lines of apps.yaml that name an app and each of its arguments. */
export interface ArgLines {
  readonly entry: number;
  readonly of: Readonly<Record<string, number>>;
}

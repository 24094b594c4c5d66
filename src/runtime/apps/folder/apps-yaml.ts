export const APPS_FILE = "apps.yaml";

/** The lines of apps.yaml that name an app and each of its arguments. */
export interface ArgLines {
  readonly entry: number;
  readonly of: Readonly<Record<string, number>>;
}

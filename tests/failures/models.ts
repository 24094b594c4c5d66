import { rowsOf } from "../e2e/program.ts";

/** Versions of the models that were made, and of those that serve, as every consumer can read them. */
export function modelsOf(database: string): { readonly made: number[]; readonly serving: number[] } {
  const numbers = (sql: string): number[] => rowsOf<{ version: number }>(database, sql).map(({ version }) => version);
  return {
    made: numbers("SELECT model_version AS version FROM clr_model_artifacts ORDER BY id"),
    serving: numbers(
      "SELECT CAST(model_version AS INTEGER) AS version FROM vw_clr_latest_model_artifact WHERE json_valid(artifact_json) AND model_type = 'clr'",
    ),
  };
}

/** How each training ended, the oldest first; where it failed, in its own words. */
export function endsOf(database: string): string[] {
  return rowsOf<{ end: string }>(
    database,
    "SELECT CASE status WHEN 'failed' THEN notes ELSE status END AS end FROM clr_training_runs ORDER BY id",
  ).map(({ end }) => end);
}

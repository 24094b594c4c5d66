/** What Home Assistant's `sql` integration can be given: all that its YAML and its form ask for. */
export interface SqlSensor {
  readonly name: string;
  readonly uniqueId: string;
  readonly query: string;
  readonly column: string;
  readonly unit: string | null;
}

export type Recipe = "state" | "probability" | "change" | "health";

/** The database as the integration wants it: read only, whatever stands in its path. */
export function databaseUrl(path: string): string {
  return `sqlite:///file:${path.split("/").map(encodeURIComponent).join("/")}?mode=ro&uri=true`;
}

/** @param name as a person calls it in their language */
export function sqlSensor(recipe: Recipe, target: string, name: string): SqlSensor {
  const where = `FROM vw_clr_latest_prediction WHERE target_name = '${target.replaceAll("'", "''")}' LIMIT 1`;
  const id = target.replaceAll(/\W/g, "_");
  switch (recipe) {
    case "state":
      return {
        name,
        uniqueId: `ml_data_layer_${id}_state`,
        query: `SELECT CASE is_on WHEN 1 THEN 'on' WHEN 0 THEN 'off' ELSE 'unknown' END AS state, probability, stage, unavailable_reason ${where}`,
        column: "state",
        unit: null,
      };
    case "probability":
      return {
        name,
        uniqueId: `ml_data_layer_${id}_probability`,
        query: `SELECT round(probability * 100, 1) AS probability, is_on, stage, unavailable_reason ${where}`,
        column: "probability",
        unit: "%",
      };
    case "change":
      return {
        name,
        uniqueId: "ml_data_layer_change",
        query: "SELECT substr(words, 1, 255) AS words, stream_name, change_at_utc, probability FROM vw_bocpd_changes LIMIT 1",
        column: "words",
        unit: null,
      };
    case "health":
      return {
        name,
        uniqueId: "ml_data_layer_health",
        query: "SELECT status, degraded_reasons, last_event_at_utc FROM vw_health LIMIT 1",
        column: "status",
        unit: null,
      };
  }
}

/** To be pasted into configuration.yaml. */
export function sensorYaml({ name, uniqueId, query, column, unit }: SqlSensor, path: string): string {
  return [
    "sql:",
    `  - name: ${JSON.stringify(name)}`,
    `    unique_id: ${uniqueId}`,
    `    db_url: ${JSON.stringify(databaseUrl(path))}`,
    "    query: >-",
    `      ${query}`,
    `    column: ${column}`,
    ...(unit === null ? [] : [`    unit_of_measurement: ${JSON.stringify(unit)}`]),
    "",
  ].join("\n");
}

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { CONTRACT_ROWS } from "../../../src/core/contracts/rows.ts";
import { columnType } from "../../../src/web/panel/screens/connect/column-type.ts";
import { databaseUrl, type Recipe, sensorYaml, sqlSensor } from "../../../src/web/panel/screens/connect/sql-sensor.ts";
import { createHomeFile, type HomeFile, seedHome } from "../home-file.ts";

describe("a sensor", () => {
  let home: HomeFile;
  beforeEach(() => {
    home = createHomeFile();
    seedHome(home.db);
  });
  afterEach(() => home.remove());

  // Broken once: a column that the view does not have made Home Assistant's sensor unavailable.
  test.each<Recipe>(["state", "probability", "change", "health"])("for %s has a query that answers with its column first", (recipe) => {
    const { query, column } = sqlSensor(recipe, "sleep", "Sleep");
    const [row, ...others] = home.db.all<Record<string, unknown>>(query);
    expect(others).toEqual([]);
    expect(Object.keys(row!)[0]).toBe(column);
    // Home Assistant keeps 255 characters of a state.
    expect(String(row![column]).length).toBeLessThanOrEqual(255);
  });

  test("its YAML has what Home Assistant asks for, each on a line of its own, whatever the names hold", () => {
    const yaml = sensorYaml(sqlSensor("probability", "o'clock", 'A "name": #1'), "/share/ml_data_layer/ha_ml_data_layer.db");
    expect(yaml.split("\n")).toEqual([
      "sql:",
      '  - name: "A \\"name\\": #1"',
      "    unique_id: ml_data_layer_o_clock_probability",
      '    db_url: "sqlite:///file:/share/ml_data_layer/ha_ml_data_layer.db?mode=ro&uri=true"',
      "    query: >-",
      "      SELECT round(probability * 100, 1) AS probability, is_on, stage, unavailable_reason FROM vw_clr_latest_prediction WHERE target_name = 'o''clock' LIMIT 1",
      "    column: probability",
      '    unit_of_measurement: "%"',
      "",
    ]);
  });

  test("a path may hold what an address may not", () => {
    expect(databaseUrl("/my data/50%?.db")).toBe("sqlite:///file:/my%20data/50%25%3F.db?mode=ro&uri=true");
  });
});

describe("what a column may hold", () => {
  const typeOf = (shape: z.ZodType) => columnType(z.toJSONSchema(shape) as Record<string, unknown>);

  test("is told from its schema", () => {
    expect(typeOf(z.string())).toEqual({ kind: "text", isNullable: false, values: [] });
    expect(typeOf(z.int().nullable())).toEqual({ kind: "whole", isNullable: true, values: [] });
    expect(typeOf(z.enum(["a", "b"]).nullable())).toEqual({ kind: "choice", isNullable: true, values: ["a", "b"] });
    expect(typeOf(z.union([z.number(), z.string()]))).toEqual({ kind: "any", isNullable: false, values: [] });
  });

  test("is known of every column of every contract", () => {
    for (const [view, { shape }] of Object.entries(CONTRACT_ROWS))
      for (const [column, schema] of Object.entries(shape)) expect([view, column, typeOf(schema as z.ZodType).kind]).not.toContain("any");
  });
});

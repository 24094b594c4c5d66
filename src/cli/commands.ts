import { appsCommand } from "./apps.ts";
import { backupCommand } from "./backup.ts";
import type { Command } from "./command.ts";
import { doctorCommand } from "./doctor.ts";
import { exportCommand } from "./export.ts";
import { healthcheckCommand } from "./healthcheck.ts";
import { labelCommand } from "./label.ts";
import { modelsCommand } from "./models.ts";
import { replayCommand } from "./replay.ts";
import { restoreCommand } from "./restore.ts";
import { stageCommands } from "./stages.ts";
import { statusCommand } from "./status.ts";
import { tokenCommand } from "./token.ts";

/** Every command, in the order in which help shows them. */
export const commands: readonly Command[] = [
  statusCommand,
  ...stageCommands,
  labelCommand,
  modelsCommand,
  exportCommand,
  replayCommand,
  appsCommand,
  backupCommand,
  restoreCommand,
  doctorCommand,
  tokenCommand,
  healthcheckCommand,
];

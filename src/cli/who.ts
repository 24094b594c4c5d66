import { userInfo } from "node:os";

/** Who called the command, as far as the system knows: kept beside what was said. */
export function whoAmI(): string {
  try {
    return `${userInfo().username} (command line)`;
  } catch {
    return "command line";
  }
}

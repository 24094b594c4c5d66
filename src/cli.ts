import { commands } from "./cli/commands.ts";
import { EXIT, exitCodeOf, explain } from "./exit.ts";

// Whoever reads what is written may have had enough of it (`| head`), which is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.success);
  throw error;
});

const [name, ...words] = process.argv.slice(2);

if (name === undefined || name === "--help" || name === "help") {
  process.stderr.write("Commands of the app. Each one has --help.\n\n");
  for (const command of commands) process.stderr.write(`  ${command.usage}\n      ${command.summary}\n`);
  process.exitCode = name === undefined ? EXIT.usage : EXIT.success;
} else {
  const command = commands.find((each) => each.name === name);
  try {
    if (command === undefined) {
      process.stderr.write(
        `There is no command ${JSON.stringify(name)}. The commands are ${commands.map((each) => each.name).join(", ")}.\n`,
      );
      process.exitCode = EXIT.usage;
    } else if (words.includes("--help")) {
      process.stderr.write(`${command.usage}\n\n${command.summary}\n${command.details ?? ""}`);
    } else {
      process.exitCode = await command.run(words, process.env);
    }
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/** Compiles what runs the user's apps and ends, so that Node keeps it on disk (see keep-compiled.js). They cannot run by themselves; each is compiled before that shows. */

for (const name of ["apps-process", "app-thread", "strip-thread"]) {
  await import(new URL(`./runtime/threads/${name}.ts`, import.meta.url).href).catch(() => undefined);
}
process.exit();

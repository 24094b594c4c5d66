interface Depending {
  readonly name: string;
  readonly dependencies: readonly string[];
}

interface Finding<T> {
  readonly app: T;
  readonly words: string;
}

/** Dependencies first. Apps in a circle, with a dependency that is not there, or behind one of these, are left out and named. */
export function inOrder<T extends Depending>(apps: readonly T[]): { readonly entries: T[]; readonly findings: Finding<T>[] } {
  const byName = new Map(apps.map((app) => [app.name, app]));
  const verdicts = new Map<string, "fine" | "wrong">();
  const findings: Finding<T>[] = [];
  const entries: T[] = [];

  function judge(app: T, path: readonly string[]): boolean {
    const known = verdicts.get(app.name);
    if (known !== undefined) return known === "fine";
    if (path.includes(app.name)) {
      const circle = path.slice(path.indexOf(app.name));
      findings.push({
        app,
        words: `${[...circle, app.name].join(" depends on ")}: a circle, so none of them is started. Take one dependency away.`,
      });
      for (const name of circle) verdicts.set(name, "wrong");
      return false;
    }
    const missing = app.dependencies.filter((name) => !byName.has(name));
    if (missing.length > 0)
      findings.push({
        app,
        words: `${app.name} depends on ${missing.join(", ")}, which is no app that can be started, so it is left out.`,
      });
    // Each one is looked at, so that every circle is named.
    const judged = app.dependencies
      .map((name) => byName.get(name))
      .map((other) => other !== undefined && judge(other, [...path, app.name]));
    const isFine = judged.every((isGood) => isGood) && !verdicts.has(app.name);
    if (isFine) entries.push(app);
    else if (missing.length === 0 && !verdicts.has(app.name))
      findings.push({ app, words: `${app.name} is left out, because ${app.dependencies.join(", ")} is.` });
    if (!verdicts.has(app.name)) verdicts.set(app.name, isFine ? "fine" : "wrong");
    return isFine;
  }

  for (const app of apps) judge(app, []);
  return { entries, findings };
}

/** These apps and all that depend on them, whatever the number of steps. */
export function withDependants(names: Iterable<string>, apps: readonly Depending[]): Set<string> {
  const found = new Set(names);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const app of apps) if (app.dependencies.some((name) => found.has(name))) found.add(app.name);
  }
  return found;
}

import { z } from "zod";

const entityId = z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+$/, "is not an entity id like input_datetime.sleep_start");

export const targetSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a short lower-case name like sleep"),
    start: helperId("input_datetime", "input_button").optional(),
    end: helperId("input_datetime", "input_button").optional(),
    switch: helperId("input_boolean").optional(),
    negative: helperId("input_button").optional(),
    excluded: helperId("input_boolean").optional(),
    max_label_hours: z.number().min(1).max(8784).optional(),
  })
  .superRefine(({ name, start, end, switch: toggle }, context) => {
    const isPair = start !== undefined && end !== undefined;
    if (isPair === (toggle !== undefined) || (start === undefined) !== (end === undefined)) {
      context.addIssue({ code: "custom", message: `the target ${name} needs either start and end, or switch: one input_boolean for both` });
    }
  });

/** The form's empty fields are no entity; a helper of another kind is named with those that can be used. */
function helperId(...domains: readonly string[]) {
  const isKind = (id: string): boolean => domains.some((domain) => id.startsWith(`${domain}.`));
  return z.preprocess(
    (value) => (value === "" ? undefined : value),
    entityId.refine(isKind, `must be an ${domains.join(" or an ")}`).optional(),
  );
}

/** A helper can tell of one thing only; `excluded` may be shared, because guests and holidays are everybody's. */
export function sharedHelpers(targets: readonly z.infer<typeof targetSchema>[]): { readonly words: string; readonly line: number }[] {
  const users = new Map<string, { readonly role: string; readonly line: number }[]>();
  const use = (helper: string, role: string, line: number): void => {
    users.set(helper, [...(users.get(helper) ?? []), { role, line }]);
  };
  for (const [line, target] of targets.entries()) {
    for (const role of ["start", "end", "switch", "negative"] as const) {
      const helper = target[role];
      if (helper !== undefined) use(helper, `${role} of ${target.name}`, line);
    }
  }
  for (const [line, { name, excluded }] of targets.entries())
    if (excluded !== undefined && users.has(excluded)) use(excluded, `excluded of ${name}`, line);
  return [...users]
    .filter(([, roles]) => roles.length > 1)
    .map(([helper, roles]) => ({
      words: `${helper} is ${roles.map(({ role }) => role).join(" and ")}; a helper can tell of one thing only, so make another one for each`,
      line: Math.max(...roles.map((each) => each.line)),
    }));
}

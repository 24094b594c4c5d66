import { z } from "zod";

const userSchema = z.object({
  id: z.string(),
  is_owner: z.boolean().catch(false),
  is_active: z.boolean().catch(false),
  group_ids: z.array(z.string()).catch([]),
});

const ADMINISTRATORS = "system-admin";

/** Ids of the home's users who are administrators. Asks for an administrator's token. */
export const ADMINISTRATORS_MESSAGE = { type: "config/auth/list" } as const;

export function parseAdministrators(answer: readonly unknown[]): ReadonlySet<string> {
  const users = answer.flatMap((entry) => userSchema.safeParse(entry).data ?? []);
  return new Set(
    users.filter((user) => user.is_active && (user.is_owner || user.group_ids.includes(ADMINISTRATORS))).map((user) => user.id),
  );
}

import type { Who } from "./access.ts";
import type { Api } from "./api/route.ts";
import { ROUTES } from "./api/routes.ts";

/** What every visit asks first. */
const FIRST = ["/me", "/overview"] as const;
/** The page waits no longer for its answers: it can ask by itself. */
export const PATIENCE_MS = 150;

/** By address. */
export type FirstAnswers = Readonly<Record<`api/v1${(typeof FIRST)[number]}`, unknown>>;

/**
 * The answers to what the page will ask first, to stand in it: on a phone each question costs as much as the picture of its answer. Null where
 * they cannot be had, or not soon.
 */
export async function firstAnswers(who: Who, api: Api): Promise<FirstAnswers | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, null);
  });
  const asked = FIRST.map(async (path) => {
    const route = ROUTES.find((each) => each.path === path && each.method === "GET")!;
    return [`api/v1${path}`, await route.handle({ params: {}, query: {}, body: null, who, homeZone: "UTC" }, api)] as const;
  });
  try {
    const answers = await Promise.race([Promise.all(asked), late]);
    return answers === null ? null : (Object.fromEntries(answers) as FirstAnswers);
  } catch {
    // Whoever asks the same in a moment hears why.
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** JSON that stands in a page is data to the browser, and cannot end the element that it stands in. */
export function withAnswers(page: string, answers: object): string {
  const [before, ...after] = page.split("<script>");
  return `${before}<script type="application/json" id="answers">${JSON.stringify(answers).replaceAll("<", "\\u003c")}</script><script>${after.join("<script>")}`;
}

import type { Who } from "./access.ts";
import type { Api } from "./api/route.ts";
import { ROUTES } from "./api/routes.ts";

/** What every visit asks first. */
const FIRST = ["/me", "/overview"];
/** The page waits no longer for its answers: it can ask by itself. */
const PATIENCE_MS = 150;

/**
 * The answers to what the page will ask first, by address and as JSON, to stand in it: on a phone each question costs as much as the picture of
 * its answer. Null where they cannot be had, or not soon.
 */
export async function firstAnswers(who: Who, api: Api): Promise<string | null> {
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
    return answers === null ? null : JSON.stringify(Object.fromEntries(answers));
  } catch {
    // Whoever asks the same in a moment hears why.
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** JSON that stands in a page is data to the browser, and cannot end the element that it stands in. */
export function withAnswers(page: string, answers: string): string {
  const [before, ...after] = page.split("<script>");
  return `${before}<script type="application/json" id="answers">${answers.replaceAll("<", "\\u003c")}</script><script>${after.join("<script>")}`;
}

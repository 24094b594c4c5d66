import { type FirstAnswers, PATIENCE_MS } from "./first-answers.ts";

/** What panel/picture.tsx is built into: HTML of *Now*, by the components that the page's script draws with. */
export type Draw = (me: unknown, overview: unknown, language: string) => string;

/** Languages that Home Assistant has by country; of most others it has one form. For whom it has another one, the picture is not shown. */
const BY_COUNTRY = ["en-GB", "es-419", "pt-BR"];

/** What Home Assistant takes for the language of who has chosen none, by `Accept-Language`. */
export function likelyLanguage(accepted: string | undefined): string {
  const first = accepted?.split(/[,;]/, 1)[0]?.trim().toLowerCase() ?? "";
  return BY_COUNTRY.find((tag) => tag.toLowerCase() === first) ?? /^[a-z]{2,3}(?=-|$)/.exec(first)?.[0] ?? "en";
}

export interface FirstPicture {
  /** Null where it cannot be drawn, or not yet. */
  draw(answers: FirstAnswers, language: string): string | null;
  /** Loads what draws, once; no page waits for it longer than for its answers. */
  ready(): Promise<void>;
}

/** Draws what a page shows first. Without it the page is empty until its script has come, so a failure is told once and takes nothing else down. */
export function createFirstPicture(load: () => Promise<Draw>, onError: (error: unknown) => void): FirstPicture {
  let loading: Promise<void> | null = null;
  let drawing: Draw | null = null;
  let isTold = false;
  const tell = (error: unknown): void => {
    if (!isTold) onError(error);
    isTold = true;
  };
  return {
    async ready() {
      loading ??= load().then(
        (loaded) => {
          drawing = loaded;
        },
        (error: unknown) => {
          loading = null;
          tell(error);
        },
      );
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([loading, late]);
      clearTimeout(timer);
    },
    draw(answers, language) {
      try {
        return drawing?.(answers["api/v1/me"], answers["api/v1/overview"], language) ?? null;
      } catch (error) {
        tell(error);
        return null;
      }
    },
  };
}

/** The page's head compares the language with what this person reads in; until its script has taken over, the picture is busy. */
export function withPicture(page: string, picture: string, language: string): string {
  const words = language === "de" ? "de" : "en";
  const [before, ...after] = page
    .replace(/<html lang="\w+">/, `<html lang="${words}" data-picture="${language}">`)
    .split('<div id="panel"></div>');
  return `${before}<div id="panel" aria-busy="true">${picture}</div>${after.join("")}`;
}

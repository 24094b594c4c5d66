import {
  mdiBrain,
  mdiChartLineVariant,
  mdiChartTimeline,
  mdiConnection,
  mdiFlagCheckered,
  mdiGauge,
  mdiHeartPulse,
  mdiLabelMultiple,
} from "@mdi/js";
import type { ComponentType } from "preact";
import { deepLink } from "../around/deep-link.ts";
import { Screen as Now } from "../screens/now/screen.tsx";
import { go, route } from "./route.ts";

/** What a screen's `screen.tsx` exports. It reads its own place from `route`. */
export interface ScreenModule {
  readonly Screen: ComponentType;
}

/** In the order of the tabs and of the keys 1 to 8. */
const SCREENS = [
  { name: "now", icon: mdiGauge },
  { name: "timeline", icon: mdiChartTimeline },
  { name: "labels", icon: mdiLabelMultiple },
  { name: "models", icon: mdiBrain },
  { name: "changes", icon: mdiChartLineVariant },
  { name: "health", icon: mdiHeartPulse },
  { name: "connect", icon: mdiConnection },
  { name: "first-run", icon: mdiFlagCheckered },
] as const;

export type ScreenName = (typeof SCREENS)[number]["name"];

export interface ScreenPlace {
  readonly name: ScreenName;
  readonly icon: string;
  load(): Promise<ScreenModule>;
}

const modules: Readonly<Record<string, () => Promise<ScreenModule>>> = {
  ...import.meta.glob<ScreenModule>(["../screens/*/screen.tsx", "!../screens/now/screen.tsx"]),
  "../screens/now/screen.tsx": async () => ({ Screen: Now }),
};

/** Each screen is a chunk of its own, loaded when it is opened, but for the first: browsers ask six things at once, and each more would wait. */
export const screens: readonly ScreenPlace[] = SCREENS.flatMap(({ name, icon }) => {
  const load = modules[`../screens/${name}/screen.tsx`];
  return load === undefined ? [] : [{ name, icon, load }];
});

/** Chunks that have come, so that a screen that was open before is there at once. */
export const loadedScreens = new Map<string, ComponentType>([["now", Now]]);

/** Loads a screen if there is one of that name; who shows it says what hindered it. */
export async function loadScreen(name: string): Promise<void> {
  const place = screens.find((screen) => screen.name === name);
  const module = await place?.load().catch(() => undefined);
  if (module !== undefined) loadedScreens.set(name, module.Screen);
}

const LAST = "ml-data-layer.screen";

/** What this page's own address names, else what Home Assistant's asks for; where nothing is asked for, the screen that was open last. */
export function openFirstScreen(): void {
  if (route.value.screen === "") go(deepLink() ?? `/${lastScreen() ?? "now"}`, { replace: true });
}

export function rememberScreen(name: ScreenName): void {
  try {
    localStorage.setItem(LAST, name);
  } catch {
    // A browser that keeps nothing opens the first screen.
  }
}

function lastScreen(): ScreenName | null {
  try {
    const name = localStorage.getItem(LAST);
    return screens.find((screen) => screen.name === name)?.name ?? null;
  } catch {
    return null;
  }
}

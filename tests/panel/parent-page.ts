/** What Home Assistant's page around an app gives it: its theme as variables, the person's profile, and its messages. */
export interface Around {
  readonly theme: "light" | "dark" | "custom";
  readonly language: string;
  readonly timeZone: "server" | "local";
  readonly timeFormat: "12" | "24" | "language";
}

export const AROUND: Around = { theme: "light", language: "en", timeZone: "server", timeFormat: "24" };

const THEMES = {
  light: {
    "--primary-background-color": "#fafafa",
    "--card-background-color": "#ffffff",
    "--primary-text-color": "#141414",
    "--secondary-text-color": "#5e5e5e",
    "--primary-color": "#009ac7",
    "--divider-color": "rgba(0, 0, 0, .12)",
    "--error-color": "#db4437",
    "--warning-color": "#ffa600",
    "--success-color": "#43a047",
  },
  dark: {
    "--primary-background-color": "#111111",
    "--card-background-color": "#1c1c1c",
    "--primary-text-color": "#e1e1e1",
    "--secondary-text-color": "#9b9b9b",
    "--primary-color": "#009ac7",
    "--divider-color": "rgba(225, 225, 225, .12)",
    "--error-color": "#db4437",
    "--warning-color": "#ffa600",
    "--success-color": "#43a047",
  },
  custom: {
    "--primary-background-color": "hsl(270, 40%, 12%)",
    "--card-background-color": "hsl(270, 40%, 18%)",
    "--primary-text-color": "#f4eeff",
    "--secondary-text-color": "#c9b8e6",
    "--primary-color": "#c792ea",
    "--divider-color": "#4b3a66",
    "--ha-card-border-radius": "24px",
  },
} as const;

/** The page at /app/<slug>/TAIL: the app in a frame that always loads its root, and the tail in the messages that it asks for. */
export function parentPage(framePath: string, tail: string, around: Around): string {
  const profile = { language: around.language, number_format: "language", time_format: around.timeFormat, time_zone: around.timeZone };
  return `<!doctype html>
<html lang="${around.language}" style="${styleOf(around.theme)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Home Assistant</title>
<style>html,body{margin:0;height:100%}body{display:flex;flex-direction:column;background:var(--primary-background-color);color:var(--primary-text-color)}
.bar{height:40px;flex:none;font:16px/40px sans-serif;padding:0 16px}iframe{border:0;flex:1;width:100%}</style></head>
<body><home-assistant></home-assistant><div class="bar" hidden>ML Data Layer</div><iframe title="ML Data Layer" src="${framePath}"></iframe>
<script>
document.querySelector("home-assistant").hass = { locale: ${JSON.stringify(profile)} };
const THEMES = ${JSON.stringify(Object.fromEntries(Object.keys(THEMES).map((name) => [name, styleOf(name as keyof typeof THEMES)])))};
const frame = document.querySelector("iframe");
const bar = document.querySelector(".bar");
let path = ${JSON.stringify(tail)};
let isSubscribed = false;
window.wanted = [];
const narrow = () => innerWidth < 870;
function tell() {
  if (isSubscribed) frame.contentWindow.postMessage({ type: "home-assistant/properties", narrow: narrow(), route: { prefix: "/app/slug", path } }, "*");
}
function look() { bar.hidden = !narrow(); tell(); }
window.setTheme = (name) => { document.documentElement.style.cssText = THEMES[name]; };
window.setPath = (next) => { path = next; tell(); };
addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow) return;
  window.wanted.push(data);
  if (data.type === "home-assistant/subscribe-properties") { isSubscribed = true; tell(); }
  if (data.type === "home-assistant/unsubscribe-properties") isSubscribed = false;
});
addEventListener("resize", look);
look();
</script></body></html>`;
}

function styleOf(theme: keyof typeof THEMES): string {
  return Object.entries(THEMES[theme])
    .map(([name, value]) => `${name}:${value}`)
    .join(";");
}

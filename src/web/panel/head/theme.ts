/**
 * Before any style: takes Home Assistant's theme from the page around this one, which is of the same origin behind ingress.
 * What it cannot read falls back to what the device prefers. Later changes of the theme are followed.
 */
const COPIED = [
  "--primary-background-color",
  "--card-background-color",
  "--primary-text-color",
  "--secondary-text-color",
  "--primary-color",
  "--divider-color",
  "--error-color",
  "--warning-color",
  "--success-color",
  "--info-color",
  "--ha-card-border-radius",
  "--ha-card-border-width",
  "--ha-card-border-color",
  "--ha-font-family-body",
  "--state-binary_sensor-active-color",
  "--state-light-active-color",
  "--state-person-home-color",
] as const;

const root = document.documentElement;
const prefersDark = matchMedia("(prefers-color-scheme: dark)");

/** Red, green and blue of what CSS calls rgb(); other colours have to be painted to be known, which takes a phone some 20 ms. */
function written(colour: string): readonly number[] | null {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(colour)?.slice(1);
  if (hex !== undefined) return hex.map((pair) => Number.parseInt(pair, 16));
  return /^rgb\((\d+), ?(\d+), ?(\d+)\)$/.exec(colour)?.slice(1).map(Number) ?? null;
}

function painted(colour: string): ArrayLike<number> | null {
  if (!CSS.supports("color", colour)) return null;
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return null;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

/** Relative luminance (WCAG 2.2) of a CSS colour; null when the browser cannot read it. */
function luminanceOf(colour: string): number | null {
  const channels = written(colour) ?? painted(colour);
  if (channels === null) return null;
  const { 0: red, 1: green, 2: blue } = channels;
  const linear = (value = 0): number => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function parentRoot(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    // A page of another origin around this one.
    return null;
  }
}

function takeTheme(from: HTMLElement | null): void {
  const theme = from === null ? null : getComputedStyle(from);
  for (const name of COPIED) {
    const value = theme?.getPropertyValue(name).trim() ?? "";
    if (value === "") root.style.removeProperty(name);
    else root.style.setProperty(name, value);
  }
  const ground = luminanceOf(root.style.getPropertyValue("--primary-background-color"));
  const isDark = ground === null ? prefersDark.matches : ground < 0.18;
  root.dataset["theme"] = isDark ? "dark" : "light";
  // Where it differs from the frame's, the browser paints an opaque ground behind it.
  root.style.colorScheme = isDark ? "dark" : "light";
  const primary = luminanceOf(root.style.getPropertyValue("--primary-color"));
  if (primary === null) root.style.removeProperty("--on-primary");
  else root.style.setProperty("--on-primary", (primary + 0.05) / 0.05 > 1.05 / (primary + 0.05) ? "#000" : "#fff");
  window.dispatchEvent(new CustomEvent("panel-theme"));
}

const outer = parentRoot();
takeTheme(outer);
prefersDark.addEventListener("change", () => takeTheme(outer));
// Home Assistant writes themes into its root's style.
if (outer !== null) new MutationObserver(() => takeTheme(outer)).observe(outer, { attributes: true, attributeFilter: ["style", "class"] });

export {};

/** How this person wants to read numbers and times: as their profile in Home Assistant says where it can be read, else as the browser does. */
export interface Locale {
  /** Of words: "de" or "en". */
  readonly language: "de" | "en";
  /** Of numbers, for Intl. */
  readonly numbers: string;
  /** False = digits are not grouped. */
  readonly isGrouped: boolean;
  /** Of dates and times, for Intl. */
  readonly dates: string;
  readonly hourCycle: "h12" | "h23" | undefined;
  /** Whether times are wanted in this device's zone instead of the home's. */
  readonly isLocalZone: boolean;
}

/** Home Assistant's own object; private, so nothing of it is taken for granted. */
interface Profile {
  readonly language?: unknown;
  readonly number_format?: unknown;
  readonly time_format?: unknown;
  readonly time_zone?: unknown;
}

const NUMBERS: Readonly<Record<string, string>> = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
};

/** As everybody of that language reads who has chosen nothing else. */
export function plainLocale(language: string): Locale {
  return {
    language: language.toLowerCase().startsWith("de") ? "de" : "en",
    numbers: language,
    isGrouped: true,
    dates: language,
    hourCycle: undefined,
    isLocalZone: false,
  };
}

export function readLocale(): Locale {
  const profile = profileOfParent();
  const wanted = typeof profile?.language === "string" && isLanguage(profile.language) ? profile.language : navigator.language;
  const { number_format: numberFormat, time_format: timeFormat, time_zone: zone } = profile ?? {};
  return {
    ...plainLocale(wanted),
    numbers: NUMBERS[String(numberFormat)] ?? (numberFormat === "system" ? navigator.language : wanted),
    isGrouped: numberFormat !== "none",
    hourCycle: timeFormat === "12" ? "h12" : timeFormat === "24" ? "h23" : undefined,
    isLocalZone: zone === "local",
  };
}

function profileOfParent(): Profile | null {
  try {
    const element = window.parent.document.querySelector("home-assistant") as { readonly hass?: { readonly locale?: Profile } } | null;
    return element?.hass?.locale ?? null;
  } catch {
    // A page of another origin around this one.
    return null;
  }
}

/** Well-formed is enough: what Intl does not know it replaces itself. Asking it would cost a phone 50 ms before the first paint. */
function isLanguage(tag: string): boolean {
  return /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(tag);
}

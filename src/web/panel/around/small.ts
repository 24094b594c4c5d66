/** Whether there is no room for tabs: as Home Assistant's own window decides, before it has said so; alone, by this page's width. */
export function small(): MediaQueryList {
  try {
    if (window.parent !== window) return window.parent.matchMedia("(max-width: 870px)");
  } catch {
    // A page of another origin around this one.
  }
  return matchMedia("(max-width: 599px)");
}

/** Whether this page is too narrow for tabs, where Home Assistant does not say so itself. */
export const small = (): MediaQueryList => matchMedia("(max-width: 599px)");

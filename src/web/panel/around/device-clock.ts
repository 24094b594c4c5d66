/** This device's clock, which may be anywhere. */
export const deviceMs = (): number => Date.now();

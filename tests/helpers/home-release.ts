/** The app asks for 2025.12 or newer; what an older release does otherwise is left out of the tests against it. */
export function isBeforeSupport(version = process.env["HA_VERSION"]): boolean {
  if (version === undefined) return false;
  const [year = 0, month = 0] = version.split(".").map(Number);
  return year * 100 + month < 202_512;
}

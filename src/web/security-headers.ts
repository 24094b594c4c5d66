/**
 * What a page of this server may load. Ingress shows it in a frame of Home Assistant's own origin: a script injected here could act as its
 * user, so only files of this server load, and of what stands in the page itself only the script of this hash runs.
 */
export function policy(scriptHash: string | null = null): string {
  return [
    "default-src 'none'",
    `script-src 'self'${scriptHash === null ? "" : ` '${scriptHash}'`}`,
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}

/** Sent with every response. */
export const SECURITY_HEADERS = {
  "content-security-policy": policy(),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
} as const;

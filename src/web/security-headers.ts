/** Of the script and the style that stand in a page itself: `sha256-…`, null for none. */
export interface PageHashes {
  readonly script: string | null;
  readonly style: string | null;
}

/**
 * What a page of this server may load. Ingress shows it in a frame of Home Assistant's own origin: a script injected here could act as its
 * user, so only files of this server load, and of what stands in the page itself only the script and the style of these hashes count.
 */
export function policy({ script, style }: PageHashes = { script: null, style: null }): string {
  const selfAnd = (hash: string | null): string => `'self'${hash === null ? "" : ` '${hash}'`}`;
  return [
    "default-src 'none'",
    `script-src ${selfAnd(script)}`,
    `style-src ${selfAnd(style)}`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}

/** Sent with every response, beside its id. What holds numbers of the home is kept by nobody on the way. */
export function protection(requestId: string): Readonly<Record<string, string>> {
  return { ...SECURITY_HEADERS, "x-request-id": requestId, "cache-control": "no-store" };
}

const SECURITY_HEADERS = {
  "content-security-policy": policy(),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
} as const;

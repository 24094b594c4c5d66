/** A question that was not answered as wanted. `detail` is the app's own paragraph; empty where the app was not reached. */
export class Fault extends Error {
  /** 0 = there was no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  constructor(
    parts: { readonly status: number; readonly code: string; readonly detail: string; readonly requestId: string | null },
    cause?: unknown,
  ) {
    super(parts.detail === "" ? parts.code : parts.detail, { cause });
    this.name = "Fault";
    this.status = parts.status;
    this.code = parts.code;
    this.detail = parts.detail;
    this.requestId = parts.requestId;
  }
}

export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault(
    { status: 0, code: "page failed", detail: error instanceof Error ? error.message : String(error), requestId: null },
    error,
  );
}

export type ListenFaultCode = "port taken" | "port not allowed" | "address not here" | "cannot listen";

/** The server could not listen: the message is one paragraph that says what to do. */
export class ListenFault extends Error {
  readonly code: ListenFaultCode;
  constructor(code: ListenFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ListenFault";
    this.code = code;
  }
}

export function listenFault(cause: unknown, host: string, port: number): ListenFault {
  const systemCode = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  if (systemCode === "EADDRINUSE") {
    return new ListenFault(
      "port taken",
      `Port ${port} of ${host} is taken by another program, perhaps by a second copy of this app. Stop that program, or set PORT to a free port (0 lets the system choose one), and start again.`,
      { cause },
    );
  }
  if (systemCode === "EACCES") {
    return new ListenFault(
      "port not allowed",
      `This user may not listen on port ${port}; ports below 1024 usually need more rights. Set PORT to a higher one, like 8099, and start again.`,
      { cause },
    );
  }
  if (systemCode === "EADDRNOTAVAIL" || systemCode === "ENOTFOUND" || systemCode === "EAI_AGAIN") {
    return new ListenFault(
      "address not here",
      `HOST is ${host}, which is no address of this machine. Set HOST to one of its addresses, to 0.0.0.0 for all of them, or unset it for this machine alone, and start again.`,
      { cause },
    );
  }
  return new ListenFault(
    "cannot listen",
    `The status page cannot listen on ${host}, port ${port} (${systemCode}). Set HOST and PORT to an address and a port that this machine can use, and start again.`,
    { cause },
  );
}

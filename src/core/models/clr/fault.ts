/** Why the calibrated logistic regression refused to go on. These are defects of the caller or of the numbers, never of a home. */
type ClrFaultCode = "shape mismatch" | "not finite" | "one class" | "cancelled" | "fold mismatch" | "artifact invalid";

export class ClrFault extends Error {
  readonly code: ClrFaultCode;

  constructor(code: ClrFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ClrFault";
    this.code = code;
  }
}

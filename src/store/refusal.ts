/** Why a database is not touched. */
export type RefusalCode = "second_instance" | "newer_version" | "network_storage" | "not_writable" | "not_a_database" | "damaged";

/** The database is refused: the message is one paragraph that says what to do. Nothing was written. */
export class DatabaseRefused extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DatabaseRefused";
    this.code = code;
  }
}

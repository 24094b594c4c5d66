/** Text without its case, by Unicode's rules and not ASCII's alone: `ß` is `SS`, a sigma is one wherever it stands, and an accent is one however it was typed. */
export function folded(text: string): string {
  return text.toLowerCase().toUpperCase().normalize("NFC");
}

/** A page that nobody looks at is not painted. */
const LONGEST_MS = 300;

/** Runs once what was drawn last is on the screen; what is given back takes the wish back. */
export function afterPaint(run: () => void): () => void {
  let timer = setTimeout(run, LONGEST_MS);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = setTimeout(run);
  });
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}

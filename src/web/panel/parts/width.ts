import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/** The width of a box, whole pixels, as it changes; 0 until it stands in the page. */
export function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = (): void => setWidth(Math.round(element.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  return width;
}

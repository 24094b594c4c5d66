import { useEffect, useRef } from "preact/hooks";
import type { View } from "./view.ts";
import { moved, zoomed } from "./view.ts";

/** What fingers and mice can do on the picture. Places are px from its left edge and top. */
export interface Gestures {
  view(): View;
  /** px of a whole view. */
  width(): number;
  show(view: View): void;
  tap(x: number, y: number): void;
  hover(x: number | null): void;
  /** Whether a drag from here draws a label with a mouse; with a finger a long press says so. */
  draws(y: number): boolean;
  drawFrom(x: number): void;
  drawTo(x: number): void;
}

const TAP_PX = 6;
const LONG_PRESS_MS = 350;

type Doing = "nothing" | "waiting" | "panning" | "drawing" | "pinching";

/** Listens on an element: drag pans, two fingers or Ctrl and the wheel zoom, a long press (with a mouse: a drag on the labels) draws. */
export function useGestures(element: { readonly current: HTMLElement | null }, gestures: Gestures): void {
  const own = useRef(gestures);
  own.current = gestures;
  useEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    const fingers = new Map<number, number>();
    let doing: Doing = "nothing";
    let start = { x: 0, y: 0, view: own.current.view(), gap: 0 };
    let press: ReturnType<typeof setTimeout> | undefined;
    const placeOf = (event: PointerEvent | WheelEvent): { x: number; y: number } => {
      const box = target.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const instantAt = (x: number, view: View): number => view.fromMs + (x / own.current.width()) * (view.toMs - view.fromMs);

    function down(event: PointerEvent): void {
      if (event.button !== 0) return;
      const { x, y } = placeOf(event);
      fingers.set(event.pointerId, x);
      target!.setPointerCapture(event.pointerId);
      start = { x, y, view: own.current.view(), gap: 0 };
      clearTimeout(press);
      if (fingers.size === 2) {
        const [a, b] = [...fingers.values()] as [number, number];
        start = { ...start, x: (a + b) / 2, gap: Math.max(20, Math.abs(a - b)) };
        doing = "pinching";
        return;
      }
      doing = "waiting";
      if (event.pointerType === "mouse") return;
      press = setTimeout(() => {
        if (doing !== "waiting") return;
        navigator.vibrate?.(20);
        doing = "drawing";
        own.current.drawFrom(x);
      }, LONG_PRESS_MS);
    }
    function move(event: PointerEvent): void {
      const { x, y } = placeOf(event);
      if (!fingers.has(event.pointerId)) {
        if (event.pointerType === "mouse") own.current.hover(x);
        return;
      }
      fingers.set(event.pointerId, x);
      if (doing === "waiting" && Math.abs(x - start.x) + Math.abs(y - start.y) > TAP_PX) {
        clearTimeout(press);
        const isDrawing = event.pointerType === "mouse" && own.current.draws(start.y);
        doing = isDrawing ? "drawing" : "panning";
        if (isDrawing) own.current.drawFrom(start.x);
      }
      if (doing === "drawing") own.current.drawTo(x);
      if (doing === "panning") own.current.show(moved(start.view, -(x - start.x) / own.current.width()));
      if (doing === "pinching" && fingers.size === 2) {
        const [a, b] = [...fingers.values()] as [number, number];
        own.current.show(zoomed(start.view, start.gap / Math.max(20, Math.abs(a - b)), instantAt(start.x, start.view)));
      }
    }
    function up(event: PointerEvent): void {
      clearTimeout(press);
      if (!fingers.delete(event.pointerId)) return;
      if (doing === "waiting" && event.type === "pointerup") own.current.tap(start.x, start.y);
      doing = "nothing";
    }
    function wheel(event: WheelEvent): void {
      const view = own.current.view();
      if (event.ctrlKey || event.metaKey) own.current.show(zoomed(view, 1.0025 ** event.deltaY, instantAt(placeOf(event).x, view)));
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) own.current.show(moved(view, event.deltaX / own.current.width()));
      else return;
      event.preventDefault();
    }
    const leave = (): void => own.current.hover(null);
    const held = (event: Event): void => {
      // A long press draws; the browser's own menu would come in between.
      if (doing === "drawing" || doing === "waiting") event.preventDefault();
    };
    target.addEventListener("pointerdown", down);
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", up);
    target.addEventListener("pointercancel", up);
    target.addEventListener("pointerleave", leave);
    target.addEventListener("contextmenu", held);
    target.addEventListener("wheel", wheel, { passive: false });
    return () => {
      clearTimeout(press);
      target.removeEventListener("pointerdown", down);
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", up);
      target.removeEventListener("pointercancel", up);
      target.removeEventListener("pointerleave", leave);
      target.removeEventListener("contextmenu", held);
      target.removeEventListener("wheel", wheel);
    };
  }, []);
}

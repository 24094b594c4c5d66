import type { ComponentChildren } from "preact";
import { isFramed, navigate } from "../around/parent.ts";

/** A place of Home Assistant's own. Where the panel stands alone there is nowhere to go, so it is only named. */
export function HaLink({ path, children }: { readonly path: string; readonly children: ComponentChildren }) {
  if (!isFramed()) return <span>{children}</span>;
  return (
    <button type="button" class="plain" onClick={() => navigate(path)}>
      {children}
    </button>
  );
}

/** Stands in the page's head and runs before anything else there. */
import "./theme.ts";
import "./width.ts";
import "./picture.ts";
import "./early.ts";
import "./start.ts";

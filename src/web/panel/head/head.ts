/** Stands in the page's head and runs before anything else there. */
import "./theme.ts";
import "./early.ts";

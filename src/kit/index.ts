/** What `import … from "ml-data-layer"` gives an app. */
export { App } from "./app.ts";
export type * from "./contract.ts";

import { resolveForApps } from "./resolve.ts";

// Loaded first (`node --import`) where tests of apps are run by Node itself.
resolveForApps();

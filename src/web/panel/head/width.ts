import { small } from "../around/small.ts";

/** Until Home Assistant says which form it shows. */
document.documentElement.dataset["narrow"] = String(small().matches);

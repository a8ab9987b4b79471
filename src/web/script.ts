import { contentMark } from "./content-mark.ts";
import { axisScript } from "./script/axis.ts";
import { keysScript } from "./script/keys.ts";
import { pageScript } from "./script/page.ts";

/**
 * The pages' script, served as it is: no build step, and no file to read, so that it is the same on Node and on Workers.
 * Without it every page is complete; with it times are also said in the reader's zone, an incident's page is live, its time axis can be zoomed and
 * searched, and the keyboard moves through it.
 */
export const script = `"use strict";${pageScript}${axisScript}${keysScript}`;

export const scriptPath = `/assets/midwatch.js?v=${contentMark(script)}`;

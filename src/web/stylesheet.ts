import { contentMark } from "./content-mark.ts";
import { base } from "./style/base.ts";
import { evidence } from "./style/evidence.ts";
import { incident } from "./style/incident.ts";
import { list } from "./style/list.ts";
import { timeline } from "./style/timeline.ts";

/**
 * The one stylesheet. Made for a phone in the dark first: one column, no colour that says something which words don't. Wide screens are a desk: what to do
 * beside the claim with its chart, and below that what happened beside what it rests on.
 */
export const stylesheet = [base, incident, timeline, list, evidence].join("");

export const stylesheetPath = `/assets/midwatch.css?v=${contentMark(stylesheet)}`;

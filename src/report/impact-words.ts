import type { CountedImpact, DeclaredFigure, ErrorImpact, KnownImpact, RequestImpact } from "../incident/impact.ts";
import type { DeclaredKind } from "../incident/impact-source.ts";
import { own, say, type Words } from "./text.ts";
import { counted, outsideLine } from "./tool-view.ts";
import { evidenceMark, figure, minuteTime } from "./words.ts";

/** Figures of the impact in words: each with the time that it is of. */

/** A count as people say it: two figures of it are worth saying. */
function roundCount(count: number): string {
  if (count < 100) return String(count);
  const unit = 10 ** (Math.floor(Math.log10(count)) - 1);
  return `about ${(Math.round(count / unit) * unit).toLocaleString("en-US")}`;
}

const percent = (share: number): string => `${figure(share * 100)} %`;
/** Less than this many times the usual share, and failures are no more than before. */
export const MORE_THAN_USUAL = 1.5;

/** "about 2,300 of about 13,000 requests to checkout failed from 03:12 to 03:24 (18 %; before: 0.3 %)". */
export function requestImpactWords({ service, from, to, failed, all, share, usualShare }: RequestImpact): Words {
  const when = `from ${minuteTime(from)} to ${minuteTime(to)} UTC`;
  if (usualShare !== null && share <= usualShare * MORE_THAN_USUAL)
    return say`no clear rise in failed requests to ${service} ${own(when)} (${own(percent(share))}; before: ${own(percent(usualShare))})`;
  const before = usualShare === null ? "" : `; before: ${percent(usualShare)}`;
  return failed === null || all === null
    ? say`${own(percent(share))} of the requests to ${service} failed ${own(when)}${own(before.replace(";", ","))}`
    : say`${own(roundCount(failed))} of ${own(roundCount(all))} requests to ${service} failed ${own(when)} (${own(percent(share) + before)})`;
}

/** "at least 212 users; 3 issues in Sentry, 1 of them new". */
export function errorImpactWords({ issues, fresh, users }: ErrorImpact): Words {
  const hit = users === null || users === 0 ? "" : `at least ${counted(users, "user")} met errors; `;
  const isNew = fresh === issues ? (issues === 1 ? ", which is new" : ", all new") : `, ${fresh === 0 ? "none" : fresh} of them new`;
  return [own(`${hit}${counted(issues, "issue")} in the error tracker since it began${isNew}`)];
}

const LONGEST_REASON = 160;
const money = (value: number): string => Math.round(value).toLocaleString("en-US");

/** "−80 %" against a week before; "" where there is nothing to hold it against. */
function againstWeek(value: number, before: number | null, unit: string): string {
  if (before === null) return "; the same time a week before is not known";
  const change = before === 0 ? null : ((value - before) / before) * 100;
  const signed = change === null ? "" : ` (${change > 0 ? "+" : change < 0 ? "−" : ""}${Math.abs(Math.round(change))} %)`;
  return `; the same time a week before: ${money(before)} ${unit}${signed}`;
}

/** "47 tenants from 03:12 to 03:36 UTC", "revenue 12,400 EUR from … ; the same time a week before: 61,000 EUR (−80 %)", "tenants: not known (…)". */
export function declaredFigureWords(one: DeclaredFigure, { from, to }: CountedImpact): Words {
  const { kind, unit } = one;
  if ("because" in one) return say`${own(kind)}: not known (${outsideLine(one.because, LONGEST_REASON)})`;
  const { value, isLeast, weekBefore } = one;
  const when = own(`from ${minuteTime(from)} to ${minuteTime(to)} UTC`);
  if (kind === "revenue") return say`revenue ${own(money(value))} ${unit} ${when}${own(againstWeek(value, weekBefore, unit))}`;
  return say`${own(`${isLeast ? "at least " : ""}${roundCount(Math.round(value))}`)} ${unit} ${when}`;
}

/** What nobody counted: silence must not be taken for none. "" where all was. */
export function uncountedWords({ declared }: KnownImpact): string {
  const has = (kind: DeclaredKind) => declared?.figures.some((one) => one.kind === kind) === true;
  const missing = [...(has("tenants") ? [] : ["customers"]), ...(has("revenue") ? [] : ["revenue"])];
  return missing.length === 0 ? "" : `${missing.join(" and ")}: not counted`;
}

/** The evidence of a figure behind its words: " (E2, E5)". */
const impactEvidence = (evidence: readonly number[]): Words =>
  evidence.length === 0 ? [] : say` (${own(evidence.map(evidenceMark).join(", "))})`;

/** Each figure that was counted, with its evidence. */
export const impactFigures = ({ requests, errors, declared }: KnownImpact): Words[] => [
  ...(requests === undefined ? [] : [say`${requestImpactWords(requests)}${impactEvidence(requests.evidence)}`]),
  ...(errors === undefined ? [] : [say`${errorImpactWords(errors)}${impactEvidence(errors.evidence)}`]),
  ...(declared?.figures ?? []).map(
    (one) => say`${declaredFigureWords(one, declared as CountedImpact)}${"because" in one ? [] : impactEvidence(one.evidence)}`,
  ),
];

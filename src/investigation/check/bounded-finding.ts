import { withoutContacts } from "./advice.ts";
import type { Problem } from "./check-context.ts";
import { cutWords, plainLine } from "./plain.ts";
import { ALLOWANCE, LIMITS, type SubmittedFinding } from "./submitted-finding.ts";

/** The finding with every text plain and bounded. What had to be cut becomes a problem. */
export function boundedFinding(finding: SubmittedFinding, hosts: readonly string[], problems: Problem[]): SubmittedFinding {
  const cut = (where: string, text: string, longest: number) => {
    const most = Math.floor(longest * ALLOWANCE);
    if (text.length > most) problems.push({ where, what: `has ${text.length} characters`, fix: `say it in ${longest}` });
    return plainLine(text, text.length > most ? longest : most, hosts);
  };
  const list = <T, R>(where: string, items: readonly T[], most: number, map: (item: T, where: string) => R): R[] => {
    if (items.length > most) problems.push({ where, what: `has ${items.length} entries`, fix: `keep the ${most} that matter most` });
    return items.slice(0, most).map((item, index) => map(item, `${where}[${index}]`));
  };
  // Quotes keep their signs until they have been looked up.
  const quoteText = (where: string, text: string) => {
    if (text.length > LIMITS.quote)
      problems.push({ where, what: `has ${text.length} characters`, fix: `quote at most ${LIMITS.quote}, from one place` });
    return cutWords(text.slice(0, LIMITS.quote * 2), LIMITS.quote);
  };
  const step = (where: string, text: string) => withoutContacts(cut(where, text, LIMITS.sentence), hosts);
  const orNull = (where: string, text: string | null) => (text === null || text.trim() === "" ? null : cut(where, text, LIMITS.name));
  return {
    verdict: finding.verdict,
    cause: cut("cause", finding.cause, LIMITS.sentence),
    service: cut("service", finding.service, LIMITS.name),
    instance: orNull("instance", finding.instance),
    fault: finding.fault,
    change:
      finding.change === null
        ? null
        : { id: cut("change.id", finding.change.id, LIMITS.name), repository: orNull("change.repository", finding.change.repository) },
    confidence: Number.isFinite(finding.confidence) ? Math.min(1, Math.max(0, finding.confidence)) : 0,
    causal_path: list("causal_path", finding.causal_path, LIMITS.hops, (hop, where) => ({
      service: cut(`${where}.service`, hop.service, LIMITS.name),
      what: cut(`${where}.what`, hop.what, LIMITS.sentence),
      evidence: hop.evidence,
    })),
    claims: list("claims", finding.claims, LIMITS.claims, (claim, where) => ({
      text: cut(`${where}.text`, claim.text, LIMITS.text),
      evidence: claim.evidence,
      quotes: list(`${where}.quotes`, claim.quotes, LIMITS.quotes, (quote, at) => ({
        text: quoteText(at, quote.text),
        evidence: quote.evidence,
      })),
    })),
    ruled_out: list("ruled_out", finding.ruled_out, LIMITS.ruledOut, (one, where) => ({
      what: cut(`${where}.what`, one.what, LIMITS.sentence),
      why: cut(`${where}.why`, one.why, LIMITS.sentence),
      evidence: one.evidence,
    })),
    impact:
      finding.impact === null ? null : { text: cut("impact", finding.impact.text, LIMITS.sentence), evidence: finding.impact.evidence },
    do_now: list("do_now", finding.do_now, LIMITS.steps, (one, where) => ({
      step: step(`${where}.step`, one.step),
      runbook: orNull(`${where}.runbook`, one.runbook),
    })),
    fix: finding.fix,
    missing: list("missing", finding.missing, LIMITS.missing, (one, where) => ({
      what: step(`${where}.what`, one.what),
      who: one.who === null ? null : orNull(`${where}.who`, withoutContacts(one.who.slice(0, LIMITS.name * 4), hosts)),
    })),
  };
}

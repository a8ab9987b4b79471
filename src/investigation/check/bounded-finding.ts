import { withoutNumbers } from "./advice.ts";
import { cleanLine, cutWords } from "./plain.ts";
import { type Place, placeOf, type Problem, problemOf } from "./problem.ts";
import { ALLOWANCE, LIMITS, type SubmittedFinding, type WholeFinding } from "./submitted-finding.ts";

/** The finding with every text on one line, clean and bounded. What had to be cut becomes a problem. Its links are taken apart once it has been checked. */
export function boundedFinding(finding: SubmittedFinding, problems: Problem[]): WholeFinding {
  const cut = (at: Place, text: string, longest: number) => {
    const most = Math.floor(longest * ALLOWANCE);
    if (text.length > most) problems.push({ ...at, ...problemOf("too-long", text.length, `say it in ${longest}`) });
    return cleanLine(text, text.length > most ? longest : most);
  };
  const list = <T, R>(at: Place, items: readonly T[], most: number, map: (item: T, at: (rest: string) => Place) => R): R[] => {
    if (items.length > most) problems.push({ ...at, ...problemOf("too-many-entries", items.length, most) });
    return items.slice(0, most).map((item, index) => map(item, (rest) => ({ part: at.part, where: `${at.where}[${index}]${rest}` })));
  };
  // Quotes keep their signs until they have been looked up.
  const quoteText = (at: Place, text: string) => {
    if (text.length > LIMITS.quote)
      problems.push({ ...at, ...problemOf("too-long", text.length, `quote at most ${LIMITS.quote}, from one place`) });
    return cutWords(text.slice(0, LIMITS.quote * 2), LIMITS.quote);
  };
  const step = (at: Place, text: string) => withoutNumbers(cut(at, text, LIMITS.sentence));
  const orNull = (at: Place, text: string | null) => (text === null || text.trim() === "" ? null : cut(at, text, LIMITS.name));
  return {
    verdict: finding.verdict,
    cause: cut(placeOf("cause"), finding.cause, LIMITS.sentence),
    cause_evidence: finding.cause_evidence ?? [],
    service: cut(placeOf("service"), finding.service, LIMITS.name),
    instance: orNull(placeOf("instance"), finding.instance),
    fault: finding.fault,
    change:
      finding.change === null
        ? null
        : {
            id: cut(placeOf("change", null, ".id"), finding.change.id, LIMITS.name),
            repository: orNull(placeOf("change", null, ".repository"), finding.change.repository),
          },
    confidence: Number.isFinite(finding.confidence) ? Math.min(1, Math.max(0, finding.confidence)) : 0,
    causal_path: list(placeOf("causal_path"), finding.causal_path, LIMITS.hops, (hop, at) => ({
      service: cut(at(".service"), hop.service, LIMITS.name),
      what: cut(at(".what"), hop.what, LIMITS.sentence),
      evidence: hop.evidence,
    })),
    claims: list(placeOf("claims"), finding.claims, LIMITS.claims, (claim, at) => ({
      text: cut(at(".text"), claim.text, LIMITS.text),
      evidence: claim.evidence,
      quotes: list(at(".quotes"), claim.quotes, LIMITS.quotes, (quote, quoteAt) => ({
        text: quoteText(quoteAt(""), quote.text),
        evidence: quote.evidence,
      })),
    })),
    ruled_out: list(placeOf("ruled_out"), finding.ruled_out, LIMITS.ruledOut, (one, at) => ({
      what: cut(at(".what"), one.what, LIMITS.sentence),
      why: cut(at(".why"), one.why, LIMITS.sentence),
      evidence: one.evidence,
    })),
    impact:
      finding.impact === null
        ? null
        : { text: cut(placeOf("impact"), finding.impact.text, LIMITS.sentence), evidence: finding.impact.evidence },
    do_now: list(placeOf("do_now"), finding.do_now, LIMITS.steps, (one, at) => ({
      step: step(at(".step"), one.step),
      runbook: orNull(at(".runbook"), one.runbook),
      evidence: one.evidence ?? [],
    })),
    // Code writes "Do not" before it.
    do_not:
      finding.do_not == null
        ? null
        : step(placeOf("do_not"), finding.do_not).replace(/^(?:please )?(?:do not|don['’]t|never) /i, "") || null,
    fix: finding.fix,
    missing: list(placeOf("missing"), finding.missing, LIMITS.missing, (one, at) => ({
      what: step(at(".what"), one.what),
      who: one.who === null ? null : orNull(at(".who"), withoutNumbers(one.who.slice(0, LIMITS.name * 4))),
      evidence: one.evidence ?? [],
    })),
  };
}

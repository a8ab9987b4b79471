import { confidenceWords } from "../incident/confidence.ts";
import { causeWords, type ModelFinding } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { outsideLine } from "../report/tool-view.ts";
import type { IncidentView } from "../incident/view.ts";
import { changeMark } from "../report/words.ts";
import { type Html, evidenceLinks, html, outsideLink, percent, prose } from "./html.ts";

/** A model's words: one line of text, whatever they hold. Links in them stay words; only the numbers of evidence open something. */
export const modelWords = (text: string): Html => prose(outsideLine(text, 1_000));

/** The change that is blamed, with its page at the vendor where triage has read it. */
function changeLine(finding: ModelFinding, changes: readonly ChangeEvent[]): Html | null {
  const { change } = finding;
  if (change === null) return null;
  const read = changes.find(({ sha, version }) => sha?.startsWith(change.id) === true || version === change.id);
  return html`<p class="cause">
    <span class="kind">${read?.kind ?? "change"}</span> <code>${outsideLine(changeMark(change.id))}</code>
    ${change.repository === null ? null : html`of ${outsideLine(change.repository, 120)}`}${
      read?.pullRequest == null ? null : html`: ${outsideLink(read.pullRequest.title, read.pullRequest.url)}`
    }
    ${read?.link == null ? null : outsideLink("open", read.link)}
  </p>`;
}

function causeBlock(finding: ModelFinding, changes: readonly ChangeEvent[]): Html {
  const cause = html`<p class="cause-words">${modelWords(causeWords(finding))}</p>`;
  if (finding.verdict !== "incident") return cause;
  const { service, instance, fault, confidence } = finding;
  return html`<div class="suspect top">
    <h3>
      <span class="name"
        >${outsideLine(service)}${instance === null ? null : html` <small class="muted">${outsideLine(instance)}</small>`}</span
      >
      ${fault === null ? null : html`<span class="chip plain">${fault}</span>`}
      <span class="prob" title="probability ${confidence.toFixed(2)}">${confidenceWords(confidence)}, ${percent(confidence)}</span>
    </h3>
    <meter min="0" max="1" value="${Math.min(1, Math.max(0, confidence))}" aria-hidden="true"></meter>
    ${cause}${changeLine(finding, changes)}
  </div>`;
}

function pathList(id: string, path: ModelFinding["causal_path"]): Html | null {
  if (path.length === 0) return null;
  return html`<h2>How it spread</h2>
    <ol class="path">
      ${path.map((hop) => html`<li><b>${outsideLine(hop.service)}</b> ${modelWords(hop.what)} ${evidenceLinks(id, hop.evidence)}</li>`)}
    </ol>`;
}

function claimList(id: string, claims: ModelFinding["claims"]): Html | null {
  if (claims.length === 0) return null;
  return html`<h2>What it rests on</h2>
    <ul class="reasons">
      ${claims.map(({ text, evidence, quotes }) => {
        // A quote's own number opens at the line; the bare one beside it would open the same answer at its top.
        const others = evidence.filter((number) => !quotes.some((quote) => quote.evidence === number));
        return html`<li>
          ${modelWords(text)} ${evidenceLinks(id, [...new Set(others)])}
          ${quotes.map(
            (quote) =>
              html`<blockquote>
                <code>${outsideLine(quote.text, 400)}</code> ${evidenceLinks(id, [quote.evidence], quote.text)}
              </blockquote>`,
          )}
        </li>`;
      })}
    </ul>`;
}

const FINDING_TITLES: Readonly<Record<ModelFinding["verdict"], string>> = {
  incident: "Cause",
  "nothing-wrong": "Nothing looks wrong",
  inconclusive: "Inconclusive",
};

/**
 * What a model found and code has checked: the cause, how it spread, what that rests on, and the impact.
 * @param symptoms what is measured, for below the impact
 * @param state lines about the work: that it goes on, that it ended early, what it took
 */
export function modelAnswer(id: string, view: IncidentView, finding: ModelFinding, symptoms: Html | null, state: Html): Html {
  const { impact } = finding;
  return html`<section class="card answer v-${finding.verdict}" id="finding">
    <h2>${FINDING_TITLES[finding.verdict]}</h2>
    ${causeBlock(finding, view.triage?.changes ?? [])}${pathList(id, finding.causal_path)}${claimList(id, finding.claims)}
    ${
      impact === null && symptoms === null
        ? null
        : html`<h2>Impact</h2>
            ${impact === null ? null : html`<p>${modelWords(impact.text)} ${evidenceLinks(id, impact.evidence)}</p>`} ${symptoms}`
    }
    ${state}
  </section>`;
}

/** The steps that a model gives people, with the runbooks that have the details; null where it gives none. */
export function modelSteps(view: IncidentView, finding: ModelFinding): Html | null {
  if (finding.do_now.length === 0) return null;
  const books = (view.triage?.runbooks ?? []).filter(({ name }) => finding.do_now.some(({ runbook }) => runbook === name));
  return html`<section class="card next" id="next">
    <h2>Do now</h2>
    <ol class="do-now">
      ${finding.do_now.map(
        ({ step, runbook }) =>
          html`<li>${modelWords(step)} ${runbook === null ? null : html`<span class="muted">runbook ${outsideLine(runbook)}</span>`}</li>`,
      )}
    </ol>
    ${books.map(
      (book, index) =>
        html`<details id="step-runbook-${index}" ${index === 0 ? html`open` : null}>
          <summary>Runbook: ${book.title}</summary>
          <ol>
            ${book.steps.map((step) => html`<li>${prose(step)}</li>`)}
          </ol>
        </details>`,
    )}
  </section>`;
}

const PARTS: Readonly<Record<string, string>> = {
  claims: "claim",
  causal_path: "hop",
  ruled_out: "ruled out",
  do_now: "step",
  missing: "could not check",
};

/**
 * Which parts of a finding the checks dropped: "claim 3, quote 1". Only where: what did not hold is not said, not even as such.
 * @param dropped as the checks tell it: the place in the data, a colon, what is wrong
 */
export const droppedParts = (dropped: readonly string[]): string[] => {
  const parts = dropped.map((text) =>
    outsideLine(text.split(":", 1)[0] ?? "", 80).replace(
      /^([a-z_]{1,20})\[(\d{1,3})\](?:\.quotes\[(\d{1,3})\])?/,
      (whole, part: string, index: string, quote?: string) =>
        Object.hasOwn(PARTS, part)
          ? `${PARTS[part]} ${Number(index) + 1}${quote === undefined ? "" : `, quote ${Number(quote) + 1}`}`
          : whole,
    ),
  );
  return [...new Set(parts)];
};

/** What limits the finding: what it is not, what could not be checked, what the checks took out of it. */
export function modelLimits(id: string, finding: ModelFinding, dropped: readonly string[]): Html | null {
  const { ruled_out: ruledOut, missing } = finding;
  if (ruledOut.length + missing.length + dropped.length === 0) return null;
  return html`<section class="card" id="finding-limits">
    ${
      ruledOut.length === 0
        ? null
        : html`<h2>Ruled out</h2>
            <ul class="ruled">
              ${ruledOut.map(
                ({ what, why, evidence }) => html`<li><b>${modelWords(what)}</b>: ${modelWords(why)} ${evidenceLinks(id, evidence)}</li>`,
              )}
            </ul>`
    }
    ${
      missing.length === 0
        ? null
        : html`<h2>Could not check</h2>
            <ul class="ruled">
              ${missing.map(
                ({ what, who }) =>
                  html`<li>
                    ${modelWords(what)} ${who === null ? null : html`<span class="muted">who could: ${modelWords(who)}</span>`}
                  </li>`,
              )}
            </ul>`
    }
    ${
      dropped.length === 0
        ? null
        : html`<h2>Dropped by the checks</h2>
            <p class="muted" id="dropped">
              ${droppedParts(dropped).join("; ")}. What was said there did not hold against the evidence, so it is not shown.
            </p>`
    }
  </section>`;
}

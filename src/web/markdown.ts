import { changedElsewhere } from "../incident/finding.ts";
import { stepWords } from "../report/step-words.ts";
import { counted } from "../report/tool-view.ts";
import { clockTime, duration, earlierPeakWords, figure, levelWords, sinceWords } from "../report/words.ts";
import type { IncidentExport } from "./export.ts";
import { webUrl } from "./html.ts";

/** A postmortem needs no more; the weaker ones are named only. */
const MOST_SUSPECTS = 4;

const LIST_MARK = /^([-+]|\d+[.)])(?=\s)/;

/** Foreign text as Markdown shows it: one line, no markup, no HTML, nobody pinged by an `@name` in it. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_~[\]|#!]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/@(?=\w)/g, "@\u200b")
    .replace(LIST_MARK, String.raw`\$1`);
}

/** Foreign text as code: fenced by more backticks than it holds. A table would read its bars as borders. */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Prose with code in backticks, as reasons are written. */
const prose = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .trim()
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? code(part.slice(1, -1)) : part.replace(/\S+/g, (word) => plain(word))))
    .join("")
    .replace(LIST_MARK, String.raw`\$1`);

const link = (title: string, url: string | null): string => {
  const href = webUrl(url);
  return href === null
    ? title
    : `[${title}](${href.replace(/[()\s]/g, (sign) => encodeURIComponent(sign).replace("(", "%28").replace(")", "%29"))})`;
};

/** Day of an ISO 8601 instant: "2026-11-23". */
const calendarDay = (iso: string): string => iso.slice(0, 10);
const clock = (iso: string | null): string => (iso === null ? "unknown time" : clockTime(Date.parse(iso)));
const earlier = ({ unit, earlierPeak }: NonNullable<IncidentExport["finding"]>["symptoms"][number]): string =>
  earlierPeak === null || earlierPeak.at === null
    ? ""
    : ` (${plain(earlierPeakWords({ unit, earlierPeak: { at: Date.parse(earlierPeak.at), value: earlierPeak.value } }))})`;
const after = (from: string, to: string): string => duration(Math.max(0, Date.parse(to) - Date.parse(from)));

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines, ""];
}

function noPullRequest({ noPullRequestBecause: because, offeredPullRequest: offered }: IncidentExport): string {
  if (because !== null) return `no PR: ${plain(because)}`;
  return offered === null ? "no PR" : `a draft ${offered.kind} PR was offered and not asked for: ${plain(offered.because)}`;
}

function summaryLines(incident: IncidentExport): string[] {
  const { status, pullRequest } = incident;
  const pager = link(status.pager.name, status.pager.link);
  const times = [
    status.pagedAt === null ? null : `paged ${clock(status.pagedAt)}`,
    status.onset === null ? null : `onset ${clock(status.onset)}`,
    ...(["brief", "finding"] as const).map((what) => {
      const at = what === "brief" ? status.briefAt : status.findingAt;
      return at === null ? null : `${what} ${clock(at)} (${after(status.openedAt, at)} after the webhook)`;
    }),
  ].filter((one) => one !== null);
  return [
    `- **Page:** ${plain(status.title)}, ${pager}${status.severity === null ? "" : `, ${plain(status.severity)}`}`,
    `- **Service:** ${plain(status.service ?? "unknown")}`,
    `- **On call:** ${status.assignees.length === 0 ? "nobody assigned" : plain(status.assignees.join(", "))}`,
    `- **State:** ${status.state}; page ${status.pager.status}`,
    `- **Times (UTC):** ${times.join(", ")}`,
    pullRequest === null
      ? `- **Fix:** ${noPullRequest(incident)}`
      : `- **Fix:** ${pullRequest.draft ? "draft " : ""}${pullRequest.kind} PR ${link(`#${pullRequest.number} ${plain(pullRequest.title)}`, pullRequest.url)} in ${plain(pullRequest.repository)}${pullRequest.proof === null ? "" : `. ${plain(pullRequest.proof.words)}`}${pullRequest.changedByPeople === null ? "" : ` ${plain(pullRequest.changedByPeople)}.`}`,
    ...(incident.withoutModel === null
      ? []
      : [`- **Model:** none took part (${plain(incident.withoutModel)}): all below is from the data alone`]),
    `- **Live page:** ${link("timeline and evidence", incident.url)}`,
  ];
}

type Marks = (numbers: readonly number[]) => string;

/** What a model found, section by section; none where it found nothing. */
function foundSections({ investigation }: IncidentExport, marks: Marks): string[] {
  const finding = investigation?.finding ?? null;
  if (investigation === null || finding === null) return [];
  const { service, instance, change, fault } = finding;
  const where = [
    `**${plain(service)}**${instance === null ? "" : ` (${plain(instance)})`}`,
    change === null ? null : `change ${code(change.id)}${change.repository === null ? "" : ` of ${plain(change.repository)}`}`,
    fault === null ? null : `kind of fault: ${fault}`,
  ].filter((part) => part !== null);
  const title = { incident: "Cause", inconclusive: "Inconclusive", "nothing-wrong": "Nothing looks wrong" }[finding.verdict];
  return [
    ...section(title, [
      prose(finding.cause),
      ...(finding.verdict === "incident" ? ["", `${finding.likelihood} (${finding.confidence.toFixed(2)}): ${where.join(", ")}`] : []),
    ]),
    ...section(
      "How it spread",
      finding.path.map((hop, index) => `${index + 1}. **${plain(hop.service)}:** ${prose(hop.what)}${marks(hop.evidence)}`),
    ),
    ...section(
      "What that rests on",
      finding.claims.flatMap((claim) => [
        `- ${prose(claim.text)}${marks(claim.evidence)}`,
        ...claim.quotes.map((quote) => `   - ${code(quote.text)}${marks([quote.evidence])}`),
      ]),
    ),
    ...section("Impact", finding.impact === null ? [] : [`${prose(finding.impact.text)}${marks(finding.impact.evidence)}`]),
    ...section(
      "Do now",
      finding.doNow.map(
        ({ step, runbook }, index) => `${index + 1}. ${prose(step)}${runbook === null ? "" : ` (runbook ${plain(runbook)})`}`,
      ),
    ),
    ...section(
      "Ruled out",
      finding.ruledOut.map((one) => `- **${plain(one.what)}:** ${prose(one.why)}${marks(one.evidence)}`),
    ),
    ...section(
      "Could not be checked",
      finding.missing.map(({ what, who }) => `- ${prose(what)}${who === null ? "" : ` (who could: ${plain(who)})`}`),
    ),
    ...section(
      "Dropped by the checks",
      investigation.dropped.map((words) => `- ${plain(words)}`),
    ),
  ];
}

/** What a model did, what it took, and how that ended. */
function workSection({ investigation }: IncidentExport, marks: Marks): string[] {
  if (investigation === null) return [];
  const { model, turns, toolCalls, dollars, tokens, ended, startedAt, closedAt, work, hypotheses } = investigation;
  const share = tokens.read === 0 ? "" : ` (${Math.round((tokens.cached / tokens.read) * 100)} % from the cache)`;
  const took = startedAt === null || closedAt === null ? "" : `, ${after(startedAt, closedAt)}`;
  const again = ended === null || ended.retryAt === null ? "" : `; it is asked again at ${clock(ended.retryAt)}`;
  return section("How it was investigated", [
    `- **Model:** ${plain(model)}${took}, ${counted(turns, "turn")}, ${counted(toolCalls, "tool call")}, $${dollars.toFixed(2)}`,
    `- **Tokens:** ${figure(tokens.read)} read${share}, ${figure(tokens.written)} written`,
    `- **Ended:** ${ended === null ? "still at work" : `${prose(ended.because)}${again}`}`,
    ...hypotheses.map(
      ({ claim, status, because, evidence }) =>
        `- **Hypothesis, ${status.replace("-", " ")}:** ${prose(claim)}${because === null ? "" : `: ${prose(because)}`}${marks(evidence)}`,
    ),
    ...work.flatMap(({ round, turn, at, calls }) => [
      `- ${round > 1 ? `Round ${round}, turn` : "Turn"} ${turn}, ${clock(at)}`,
      ...calls.map(({ tool, fact, evidence }) => `   - ${plain(tool.replaceAll("_", " "))}: ${prose(fact)}${marks(evidence)}`),
    ]),
  ]);
}

/**
 * The incident as Markdown, to be pasted into a postmortem: what was wrong, why that is believed, what was not seen, what happened when.
 * Evidence numbers are links to the stored answers.
 */
export function markdownOf(incident: IncidentExport): string {
  const urls = new Map(incident.evidence.map((entry) => [entry.number, entry.url]));
  const marks = (numbers: readonly number[]) =>
    numbers.length === 0 ? "" : ` ${numbers.map((n) => link(`E${n}`, urls.get(n) ?? null)).join(" ")}`;
  const { finding, status } = incident;
  const found = incident.investigation?.finding != null;
  const day = calendarDay(status.onset ?? status.pagedAt ?? incident.exportedAt);
  const listed = (finding?.suspects ?? []).slice(0, MOST_SUSPECTS);
  const unlisted = (finding?.suspects ?? []).slice(MOST_SUSPECTS);
  const suspects = listed.flatMap((suspect, rank) => {
    const who = `**${plain(suspect.service)}**${suspect.instance === null ? "" : ` (${plain(suspect.instance)})`}`;
    const since = suspect.onset === null ? "" : `, left its baseline at ${clock(suspect.onset)}`;
    const { change } = suspect;
    const owner = changedElsewhere(suspect) === null ? "" : ` of ${plain(changedElsewhere(suspect) ?? "")}`;
    const pull = change?.pullRequest ?? null;
    const sha = change?.sha == null ? "" : ` ${code(change.sha.slice(0, 7))}`;
    const to =
      change === null
        ? []
        : [
            `   - ${change.kind}${sha}${owner} at ${clock(change.at)}: ${pull === null ? plain(change.title) : link(`#${pull.number} ${plain(pull.title)}`, pull.url)}`,
          ];
    const reasons = suspect.reasons.map(
      (reason) => `   - ${prose(reason.text)}${marks(reason.evidence)}${reason.quote === null ? "" : `: ${code(reason.quote)}`}`,
    );
    return [`${rank + 1}. ${who}: ${suspect.likelihood} (${suspect.probability.toFixed(2)})${since}`, ...to, ...reasons];
  });
  const levels = <T extends { before: number | null; now: number | null }>(one: T) => ({
    ...one,
    before: one.before ?? Number.NaN,
    now: one.now ?? Number.NaN,
  });
  const symptoms = (finding?.symptoms ?? []).map(
    (one) =>
      `- ${plain(one.service)}: ${plain(one.what)} ${plain(levelWords(levels(one)))} ${sinceWords(levels(one), clock(one.since))}${earlier(one)}${marks(one.evidence)}`,
  );
  // Where the times cross midnight, each first time of a day says which day.
  let lastDay = day;
  const rows = incident.timeline.map((entry) => {
    const own = calendarDay(entry.at);
    const when = own === lastDay ? clock(entry.at) : `${own} ${clock(entry.at)}`;
    lastDay = own;
    const links = entry.links.map((one) => link(plain(one.title), one.url)).join(" ");
    const what = `${entry.service === null ? "" : `**${plain(entry.service)}** `}${plain(entry.text)}`;
    const said = (entry.kind === "person" || entry.kind === "note") && entry.detail !== null ? `: “${plain(entry.detail)}”` : "";
    return `| ${when} | ${entry.kind} | ${what}${said}${marks(entry.evidence)}${links === "" ? "" : ` ${links}`} |`;
  });
  const lines = [
    `# ${plain(status.headline)}`,
    "",
    `${day}, all times UTC.`,
    "",
    ...summaryLines(incident),
    "",
    ...foundSections(incident, marks),
    ...section(
      found ? "From the data alone" : "What was wrong",
      finding === null
        ? ["Not known: the data were not read."]
        : [prose(finding.because), ...(symptoms.length === 0 ? [] : ["", ...symptoms])],
    ),
    ...section(finding?.verdict === "nothing-wrong" ? "Furthest from usual, too weak to blame" : "Suspects, best first", [
      ...suspects,
      ...(unlisted.length === 0 ? [] : ["", `Weaker still: ${unlisted.map((suspect) => plain(suspect.service)).join(", ")}.`]),
    ]),
    ...section(
      "Moved later, as a consequence",
      (finding?.consequences ?? []).map((one) => `- ${plain(one.service)} at ${clock(one.onset)}`),
    ),
    ...section(
      found ? "Ruled out by the data alone" : "Ruled out",
      (finding?.ruledOut ?? []).map((one) => `- **${plain(one.what)}:** ${prose(one.why)}${marks(one.evidence)}`),
    ),
    ...section(
      "Looked at and as usual",
      (finding?.asUsual ?? []).map((one) => `- **${plain(one.what)}:** ${prose(one.why)}${marks(one.evidence)}`),
    ),
    ...section(
      "What was read",
      incident.coverage.map(
        (line) =>
          `- ${plain(line.source)}: ${line.status.replace("-", " ")}${line.detail === null ? "" : `, ${prose(line.detail)}`}${marks(line.evidence)}`,
      ),
    ),
    ...section(
      "What midwatch could not do",
      incident.failures.map((one) => `- ${plain(stepWords(one.step))}: ${prose(one.error)}`),
    ),
    ...workSection(incident, marks),
    ...section("Timeline", rows.length === 0 ? [] : ["| UTC | | What happened |", "| --- | --- | --- |", ...rows]),
    ...section(
      "Evidence",
      incident.evidence.map((one) => `- ${link(`E${one.number}`, one.url)} ${plain(one.source)}: ${code(one.query)}`),
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

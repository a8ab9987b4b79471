import { clockTime, duration, quantity } from "../incident/words.ts";
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
const after = (from: string, to: string): string => duration(Math.max(0, Date.parse(to) - Date.parse(from)));

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines, ""];
}

function summaryLines(incident: IncidentExport): string[] {
  const { status, pullRequest } = incident;
  const pager = link(status.pager.number === null ? "PagerDuty" : `PagerDuty #${status.pager.number}`, status.pager.link);
  const times = [
    status.pagedAt === null ? null : `paged ${clock(status.pagedAt)}`,
    status.onset === null ? null : `onset ${clock(status.onset)}`,
    ...(["brief", "finding"] as const).map((what) => {
      const at = what === "brief" ? status.briefAt : status.findingAt;
      return at === null ? null : `${what} ${clock(at)} (${after(status.openedAt, at)} after the page)`;
    }),
  ].filter((one) => one !== null);
  return [
    `- **Page:** ${plain(status.title)}, ${pager}${status.severity === null ? "" : `, ${plain(status.severity)}`}`,
    `- **Service:** ${plain(status.service ?? "unknown")}`,
    `- **On call:** ${status.assignees.length === 0 ? "nobody assigned" : plain(status.assignees.join(", "))}`,
    `- **State:** ${status.state}; page ${status.pager.status}`,
    `- **Times (UTC):** ${times.join(", ")}`,
    pullRequest === null
      ? `- **Fix:** ${incident.noPullRequestBecause === null ? "no PR" : `no PR: ${plain(incident.noPullRequestBecause)}`}`
      : `- **Fix:** ${pullRequest.draft ? "draft " : ""}${pullRequest.kind} PR ${link(`#${pullRequest.number} ${plain(pullRequest.title)}`, pullRequest.url)} in ${plain(pullRequest.repository)}`,
    `- **Live page:** ${link("timeline and evidence", incident.url)}`,
  ];
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
  const day = calendarDay(status.onset ?? status.pagedAt ?? incident.exportedAt);
  const listed = (finding?.suspects ?? []).slice(0, MOST_SUSPECTS);
  const unlisted = (finding?.suspects ?? []).slice(MOST_SUSPECTS);
  const suspects = listed.flatMap((suspect, rank) => {
    const who = `**${plain(suspect.service)}**${suspect.instance === null ? "" : ` (${plain(suspect.instance)})`}`;
    const since = suspect.onset === null ? "" : `, left its baseline at ${clock(suspect.onset)}`;
    const { change } = suspect;
    const pull = change?.pullRequest ?? null;
    const sha = change?.sha == null ? "" : ` ${code(change.sha.slice(0, 7))}`;
    const to =
      change === null
        ? []
        : [
            `   - ${change.kind}${sha} at ${clock(change.at)}: ${pull === null ? plain(change.title) : link(`#${pull.number} ${plain(pull.title)}`, pull.url)}`,
          ];
    const reasons = suspect.reasons.map(
      (reason) => `   - ${prose(reason.text)}${marks(reason.evidence)}${reason.quote === null ? "" : `: ${code(reason.quote)}`}`,
    );
    return [`${rank + 1}. ${who}: ${suspect.likelihood} (${suspect.probability.toFixed(2)})${since}`, ...to, ...reasons];
  });
  const symptoms = (finding?.symptoms ?? []).map(
    (one) =>
      `- ${plain(one.service)}: ${plain(one.what)} ${quantity(one.before ?? Number.NaN, one.unit)} → ${quantity(one.now ?? Number.NaN, one.unit)} since ${clock(one.since)}${marks(one.evidence)}`,
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
    ...section(
      "What was wrong",
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
      "Ruled out",
      (finding?.ruledOut ?? []).map((one) => `- **${plain(one.what)}:** ${prose(one.why)}${marks(one.evidence)}`),
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
      incident.failures.map((one) => `- ${plain(one.step)}: ${prose(one.error)}`),
    ),
    ...section("Timeline", rows.length === 0 ? [] : ["| UTC | | What happened |", "| --- | --- | --- |", ...rows]),
    ...section(
      "Evidence",
      incident.evidence.map((one) => `- ${link(`E${one.number}`, one.url)} ${plain(one.source)}: ${code(one.query)}`),
    ),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

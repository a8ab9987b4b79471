import { APPROVE, buttonValue, REFUSE } from "../incident/approval.ts";
import type { RuledOut } from "../incident/finding.ts";
import { INVESTIGATE } from "../incident/model-refusal.ts";
import { type FeedbackVerdict, VERDICTS } from "../incident/feedback.ts";
import type { IncidentView } from "../incident/view.ts";
import { type Button, button } from "../integrations/slack/block-kit.ts";
import { cutShort, lengthOf, link } from "../integrations/slack/mrkdwn.ts";
import type { Answer } from "../report/answer.ts";
import { feedbackWords } from "../report/feedback-words.ts";
import { isWriting } from "../report/fix-words.ts";
import type { IncidentReport } from "../report/incident-report.ts";
import { prose, say } from "../report/text.ts";
import { joined, listed, type SlackMarkup } from "./markup.ts";
import { withShortCode } from "./shorter.ts";

/** What an incident's messages are made of, and what several of them say. */
export interface Content extends SlackMarkup {
  readonly view: IncidentView;
  readonly report: IncidentReport;
  readonly page: string | null;
  /** Whether a model will be asked: it is there, and Slack has the incident, which a look from the command line does not post. */
  readonly expected: boolean;
  /** Whether a person may start the model's work. */
  readonly offersModel: boolean;
}

/** Longest line of a list, characters: a phone shows about 40 in a row. */
export const LONGEST_LINE = 120;
export const LONGEST_PATTERN = 40;
/** Of what was looked at its name, and why: a title in it is on the page. */
const LONGEST_WHAT = 60;
/** A sentence of the fix holds names of checks, and what CI answered. */
const LONGEST_FIX = 600;
/** Of what somebody says that it was: the timeline has all of it. */
const LONGEST_SAID = 100;

/** A reason for a phone: of a long log pattern its head, so that what it did still fits. The incident's page has all of it. */
export function shortReason(text: string, longest = LONGEST_LINE): string {
  // A commit's title says less than what its diff does, which comes last.
  const bare = lengthOf(text) <= longest ? text : text.replace(/(@\S+) "[^"]*"/, "$1");
  return cutShort(withShortCode(bare, LONGEST_PATTERN), longest);
}

/** What is furthest from usual, where that is worth a line and not said yet: worth a look, not worth a word that blames. */
export function leadLine({ write, point, page }: Content, { lead, showsLead, verdict, heading }: Answer): string {
  const [reason] = lead?.points ?? [];
  if (lead === null || reason === undefined || !showsLead) return "";
  const label = verdict === "nothing-wrong" ? `*${heading}*, too weak to blame:` : `*${heading}:*`;
  const short = { ...reason, words: say`${prose(shortReason(reason.text))}` };
  return `${label} ${write(lead.name)}: ${page === null ? write(short.words) : point(short)}`;
}

/** Trouble that nothing links to the page. */
export const separately = ({ write, point, page }: Content, { elsewhere }: Answer, most: number): string[] =>
  elsewhere.slice(0, most).map((one) => `*Separately:* ${page === null ? write(one.words, LONGEST_LINE) : point(one, "", LONGEST_LINE)}`);

/** What was looked at with why it is innocent or not, in one line each; "" for nothing. */
export function listOf({ write, marks }: Content, heading: string, items: readonly RuledOut[], most: number): string {
  if (items.length === 0) return "";
  const said = items.map(({ what, why, evidence }) =>
    joined(
      [
        write(say`${prose(cutShort(what.replace(/ "[^"]*"/, ""), LONGEST_WHAT))} (${prose(shortReason(why, LONGEST_WHAT))})`),
        marks(evidence, 1),
      ],
      " ",
    ),
  );
  return `*${heading}:* ${listed(said, most)}`;
}

/** As {@link listOf}, with the names alone: why is on the page. */
export const namesOf = ({ write }: Content, heading: string, items: readonly RuledOut[], most: number): string =>
  `*${heading}:* ${listed(
    items.map(({ what }) => write([prose(cutShort(what.replace(/ "[^"]*"/, ""), LONGEST_WHAT))])),
    most,
  )}`;

/** The button that starts the model's work where none was done. */
export const investigateButtons = ({ offersModel }: Content): Button[] =>
  offersModel ? [button({ actionId: INVESTIGATE, text: "Investigate", value: INVESTIGATE })] : [];

const VERDICT_BUTTONS: Readonly<Record<FeedbackVerdict, string>> = { right: "Right", "right-area": "Right area", wrong: "Wrong …" };

/** What people say of the answer, in one press; it is kept with who and when, and a model that is at work hears of it. */
export const feedbackButtons = ({ report: { answer } }: Content): Button[] =>
  answer === null
    ? []
    : VERDICTS.map((verdict) =>
        button({
          actionId: verdict,
          text: VERDICT_BUTTONS[verdict],
          value: answer.by === "model" ? "the model's finding" : "the answer from the data",
        }),
      );

/** What people said of the answer: a press leaves a trace that everybody sees. */
export const feedbackLine = ({ view, write }: Content): string => write(feedbackWords(view.feedback), LONGEST_SAID);

export const failureLines = ({ report: { failures }, write }: Content): string => failures.map((failure) => write(failure)).join("\n");

export const pageLink = ({ page }: Content): string => (page === null ? "" : link(page, "Evidence and timeline"));

/** What became of the fix, or "". */
export function fixWords({ report: { fix }, write }: Content): string {
  if (fix === null) return "";
  const { heading, pull, sentences } = fix;
  const number = pull !== null && { as: "link" as const, text: `#${pull.number}`, url: pull.url };
  const name =
    pull === null
      ? say`${{ as: "strong" as const, text: `${heading}:` }}`
      : say`${{ as: "strong" as const, text: heading }} ${number}: ${pull.name}.`;
  return joined([write(name, LONGEST_LINE), ...sentences.map((sentence) => write(sentence, LONGEST_FIX))], " ");
}

/** Of a pull request its state alone: its name and what comes next are in the thread. */
export function fixState(content: Content): string {
  const { fix } = content.report;
  if (fix === null || fix.pull === null) return fixWords(content);
  const { heading, pull, sentences } = fix;
  const number = { as: "link" as const, text: `#${pull.number}`, url: pull.url };
  return content.write(say`${{ as: "strong" as const, text: heading }} ${number}: ${sentences[0] ?? []}`, LONGEST_LINE);
}

/** The buttons of a pull request that waits for a person, or none. Once it was asked for, one is left: for another try. */
export function fixButtons(view: IncidentView): Button[] {
  const { fix, offered, approval, withdrawn } = view;
  if (fix !== null || offered === null || isWriting(view) || approval?.request.id !== offered.request) return [];
  const value = buttonValue(approval.request);
  if (approval.state !== "waiting" && approval.state !== "released") return [];
  return [
    withdrawn === null
      ? button({ actionId: APPROVE, text: `Open draft ${offered.kind} PR`, value, style: "primary" })
      : button({ actionId: APPROVE, text: "Withdrawn: open it anyway", value }),
    ...(approval.state === "waiting" ? [button({ actionId: REFUSE, text: "No PR", value })] : []),
  ];
}

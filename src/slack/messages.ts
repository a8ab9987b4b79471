import { offersInvestigation } from "../incident/model-refusal.ts";
import type { IncidentView } from "../incident/view.ts";
import { type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { incidentReport } from "../report/incident-report.ts";
import { beliefWords } from "../report/belief-words.ts";
import { flapWords } from "../report/flap-words.ts";
import { sureWords } from "../report/suspect-words.ts";
import { say } from "../report/text.ts";
import { evidenceMessage } from "./evidence-message.ts";
import { findingMessage } from "./finding-message.ts";
import { joinedMessage } from "./joined-message.ts";
import { joined, slackMarkup } from "./markup.ts";
import { type Progress, statusMessage } from "./status-message.ts";
import { pageLink, type Content } from "./message-lines.ts";
import { visibleLength } from "./visible.ts";

/** What the incident's messages need besides its view. */
export interface MessageOptions {
  /** Page of the incident, or null when midwatch has no address people can open. */
  readonly timelineUrl: (incidentId: string) => string | null;
  /** Why no model takes part ("ANTHROPIC_API_KEY is not set"), or null where one does. */
  readonly withoutModel: string | null;
}

/** What is left of the brief once a model's finding is below it: that, and what it takes back. */
function supersededBrief(content: Content): SlackMessage {
  const { data, corrected } = content.report;
  const said =
    data !== null && corrected
      ? `~${content.write(data.blame === null ? data.conclusion : say`Best suspect ${data.blame.name} (${sureWords(data.blame.probability)})`, LONGEST_TAKEN_BACK)}~`
      : "";
  const words = corrected ? "*Corrected:* see the finding below." : "Superseded by the finding below.";
  return toMessage([{ text: joined([words, said, pageLink(content)]) }]);
}

const LONGEST_TAKEN_BACK = 100;

/** Visible characters of status and evidence together, without a model. */
const ROOM = 900;

/** The words of an incident's messages. Everything from outside is escaped here, so callers hand over plain text. */
export function createMessages({ timelineUrl, withoutModel }: MessageOptions) {
  const content = (view: IncidentView, page: string | null): Content => ({
    ...slackMarkup(page),
    ...{ view, page, report: incidentReport(view, withoutModel) },
    expected:
      withoutModel === null &&
      view.statusMessage !== null &&
      view.analysis !== null &&
      view.investigation?.closed == null &&
      view.refusal === null,
    // What was not read at all is worth a look without a model too.
    offersModel: (withoutModel === null || view.passed) && offersInvestigation(view),
  });
  const rootOf = (view: IncidentView) => statusMessage(content(view, null)).text;
  const evidence = (all: Content) => evidenceMessage(all, ROOM - visibleLength(rootOf(all.view)));
  const found = (view: IncidentView, incidentId: string) => {
    const all = content(view, timelineUrl(incidentId));
    const { answer } = all.report;
    return answer?.by === "model" ? findingMessage(all, answer, rootOf(view)) : evidence(all);
  };
  return {
    status: (view: IncidentView, progress?: Progress) => statusMessage(content(view, null), progress),
    /** What the data alone show. Once a model's finding is out, a line that says so. */
    brief: (view: IncidentView, incidentId: string) => {
      const all = content(view, timelineUrl(incidentId));
      return all.report.answer?.by === "model" ? supersededBrief(all) : evidence(all);
    },
    belief: (view: IncidentView) => toMessage([{ text: slackMarkup(null).write(beliefWords(view)) }]),
    /** A model's finding; without one what the data alone show, as the brief. */
    finding: found,
    /** That the alert flaps. */
    flaps: ({ flaps, trigger }: IncidentView) =>
      toMessage([{ text: flaps.named === null ? "" : slackMarkup(null).write(flapWords(trigger?.service?.name ?? "", flaps.named)) }]),
    /** The pages that joined. */
    joined: (view: IncidentView, incidentId: string) => joinedMessage(view, timelineUrl(incidentId)),
  };
}

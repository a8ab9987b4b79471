import type { IncidentView } from "../incident/view.ts";
import { SPLIT } from "../incident/joining-state.ts";
import { button, select, type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { joinedServices, joinedServiceWords } from "../report/joining-words.ts";

/** Services that are named with their reason, and pages of each; the rest are counted, and all are on the incident's page. */
const MOST_LINES = 12;
const MOST_NAMES = 3;
const LONGEST_SERVICE = 60;

/** The pages that joined an incident, in one message of its thread. @param page of the incident, or null */
export function joinedMessage({ joining: { pages } }: IncidentView, page: string | null): SlackMessage {
  if (pages.length === 0) return toMessage([{ text: "No page is joined any more." }]);
  const services = joinedServices(pages);
  const lines = services.slice(0, MOST_LINES).map((one) => {
    const named = one.pages.slice(0, MOST_NAMES).map(({ name, link: url }) => link(url, name));
    const rest = one.pages.length - named.length;
    const names = `${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
    return `• ${escapeText(cutShort(one.service, LONGEST_SERVICE))}: ${names}, ${escapeText(joinedServiceWords(one))}`;
  });
  const rest = services.length - lines.length;
  const all = page === null ? "" : `: ${link(page, "all of them")}`;
  const more = rest <= 0 ? [] : [`and ${rest} more ${rest === 1 ? "service" : "services"}${all}`];
  const [only] = pages;
  const split =
    pages.length === 1 && only !== undefined
      ? button({ actionId: SPLIT, text: "Split", value: only.incident })
      : select(
          SPLIT,
          "Split …",
          pages.map(({ incident, page: { service, name } }) => ({ text: `${name} ${service}`, value: incident })),
        );
  return toMessage(
    [{ text: [`*Joined: ${pages.length === 1 ? "one page" : `${pages.length} pages`}*`, ...lines, ...more].join("\n") }],
    [split],
  );
}

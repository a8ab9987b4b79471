import type { IncidentView } from "../incident/view.ts";
import { type Joined, SPLIT } from "../incident/joining-state.ts";
import { button, select, type SlackMessage, toMessage } from "../integrations/slack/block-kit.ts";
import { cutShort, escapeText, link } from "../integrations/slack/mrkdwn.ts";
import { joinedServices, joinedServiceWords } from "../report/joining-words.ts";
import { listed } from "./markup.ts";

/** Reasons that are said, services that are named of each, and pages of each; the rest are counted, and all are on the incident's page. */
const MOST_LINES = 6;
const MOST_SERVICES = 12;
const MOST_NAMES = 3;
const LONGEST_SERVICE = 60;
const LONGEST_OPTION = 70;
/** Characters of the menu, of some 13,000 that Slack takes in all, and of what surrounds each option in it. */
const MENU_ROOM = 8_000;
const OPTION_MARKUP = 45;

/** The pages that joined an incident, in one message of its thread. @param page of the incident, or null */
export function joinedMessage({ joining: { pages } }: IncidentView, page: string | null): SlackMessage {
  if (pages.length === 0) return toMessage([{ text: "No page is joined any more." }]);
  const services = joinedServices(pages);
  // A reason that several have is said once.
  const groups = [...Map.groupBy(services, joinedServiceWords)];
  const lines = groups.slice(0, MOST_LINES).map(([why, alike]) => {
    const named = alike.map((one) => {
      const numbers = one.pages.slice(0, MOST_NAMES).map(({ name, link: url }) => link(url, /#\d+$/.exec(name)?.[0] ?? name));
      const rest = one.pages.length - numbers.length;
      return `${escapeText(cutShort(one.service, LONGEST_SERVICE))} ${numbers.join(" ")}${rest > 0 ? ` and ${rest} more` : ""}`;
    });
    return alike.length === 1 ? `• ${named.join("")}: ${escapeText(why)}` : `• ${escapeText(why)}: ${listed(named, MOST_SERVICES, ", ")}`;
  });
  const isCut = groups.length > MOST_LINES || groups.some(([, alike]) => alike.length > MOST_SERVICES);
  const more = !isCut || page === null ? [] : [link(page, "All of them")];
  const [only] = pages;
  const split =
    pages.length === 1 && only !== undefined
      ? button({ actionId: SPLIT, text: "Split", value: only.incident })
      : select(SPLIT, "Split …", optionsOf(pages));
  return toMessage(
    [{ text: [`*Joined: ${pages.length === 1 ? "one page" : `${pages.length} pages`}*`, ...lines, ...more].join("\n") }],
    [split],
  );
}

/** As many pages as the menu has room for, so that the message's words stay. */
function optionsOf(pages: readonly Joined[]): { text: string; value: string }[] {
  let room = MENU_ROOM;
  return pages.flatMap(({ incident, page: { service, name } }) => {
    const option = { text: cutShort(`${name} ${service}`, LONGEST_OPTION), value: incident };
    room -= JSON.stringify(option).length + OPTION_MARKUP;
    return room < 0 ? [] : [option];
  });
}

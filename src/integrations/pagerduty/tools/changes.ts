import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import type { Question } from "../../../incident/source.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { composeView, outsideLine, utc, windowOf, quotedLine } from "../../../report/tool-view.ts";
import { shortSha } from "../../../report/words.ts";
import { aroundInput } from "../../../report/compared-windows.ts";
import type { PagerdutyChange, PagerdutyClient } from "../client.ts";
import { ownPage } from "../source.ts";
import { gather } from "./gather.ts";
import { serviceIdOf } from "./service-id.ts";

function changeLine(change: PagerdutyChange, question: Question): string {
  const { at, kind, title, sha, version, author, pagerdutyServiceIds, service, correlation, pullRequest, repository, link, id } = change;
  const services =
    pagerdutyServiceIds.length === 0
      ? [service ?? "(no service)"]
      : pagerdutyServiceIds.map((one) => (question.nameOf(one) === one ? (service ?? one) : question.nameOf(one)));
  const words = [
    utc(at),
    kind,
    [...new Set(services)]
      .slice(0, 5)
      .map((name) => outsideLine(name, 60))
      .join(", "),
    `${quotedLine(title, 160)}`,
    sha === null ? "" : shortSha(sha),
    version === null ? "" : `version ${outsideLine(version, 40)}`,
    pullRequest === null ? "" : `PR #${pullRequest.number}`,
    repository === null ? "" : outsideLine(repository, 100),
    author === null ? "" : `by ${outsideLine(author, 60)}`,
    correlation === null ? "" : `related by PagerDuty: ${outsideLine(correlation.replaceAll("_", " "), 40)}`,
    link === null ? "" : outsideLine(link, 160),
  ];
  return `- ${words.filter((word) => word !== "").join(" · ")}${title === "" ? ` (${id})` : ""}`;
}

/** `pagerduty_changes`: change events of a window. */
export function pagerdutyChangesTool(pagerduty: PagerdutyClient): Tool {
  return defineTool({
    name: "pagerduty_changes",
    description:
      "Change events sent to PagerDuty in a window (deploys, flags, configuration, migrations), newest first. For changes that no repository shows.",
    source: "PagerDuty",
    input: z.object({
      service: z.string().max(120).optional().describe("Only this service, as the catalog names it. Default: all services."),
      from: z.string().max(40).optional().describe("Start. Default: some hours before the page."),
      to: z.string().max(40).optional().describe("End. Default: the latest data."),
      around: aroundInput,
    }),
    async run({ service, ...asked }, { question, signal, now }) {
      const window = windowOf(asked, { from: question.changesFrom, to: question.window.to }, question, now());
      if (typeof window === "string") throw new IntegrationError("pagerduty", window);
      const serviceId =
        service === undefined ? {} : { serviceId: serviceIdOf(question, service, "Leave service out to see the changes of all.") };
      const { take, answers, parts, notes } = gather();
      const own = ownPage(question);
      const [listed, related] = await Promise.all([
        pagerduty.listChangeEvents({ window, ...serviceId }, signal),
        own === null ? null : take("what PagerDuty relates", pagerduty.relatedChangeEvents(own, signal)),
      ]);
      answers.unshift(listed);
      parts.unshift("change events of the window");
      if (listed.cut !== null) notes.push(listed.cut);
      if (related !== null && !related.available) notes.push(related.because);
      const reasons = new Map(related?.available === true ? related.items.map(({ id, correlation }) => [id, correlation]) : []);
      const changes = listed.value
        .map((change) => ({ ...change, correlation: change.correlation ?? reasons.get(change.id) ?? null }))
        .toSorted((a, b) => b.at - a.at);
      const kinds = Object.entries(Object.groupBy(changes, ({ kind }) => kind)).map(([kind, of]) => `${of.length} ${kind}`);
      const of = service === undefined ? "all services" : outsideLine(service, 80);
      const head = `Change events of ${of}, ${utc(window.from)} to ${utc(window.to)}: ${changes.length === 0 ? "none" : `${changes.length} (${kinds.join(", ")})`}`;
      const [latest] = changes;
      return {
        answers,
        fact: `${head}${latest === undefined ? "" : `; latest ${utc(latest.at)} ${quotedLine(latest.title, 100)}`}`,
        view: (evidence) =>
          composeView(
            {
              facts: [
                `${head}.`,
                ...(changes.length === 0
                  ? ["Nothing found: no tool sent a change event for that window; deploys may still be in github_changes."]
                  : []),
              ],
              items: changes.map((change) => ({ lines: [changeLine(change, question)] })),
              rest: (left) => `${left} older change events are not shown: give a shorter window (from, to), or a service.`,
              notes,
              parts,
            },
            evidence,
          ),
      };
    },
  });
}

import type { Unnumbered } from "../../incident/answer.ts";
import type { Fact, Question, Source } from "../../incident/source.ts";
import type { OtherPage, TimeWindow } from "../../incident/telemetry.ts";
import { askParts } from "../ask-parts.ts";
import type { PagerdutyClient, PagerdutyIncident } from "./client.ts";

/** An incident that began this long before the baseline may still reach into it. */
const LONGEST_INCIDENT_MS = 2 * 3_600_000;
/** How long an incident is held to have lasted that PagerDuty does not call resolved, or that was resolved long after it was over. */
const ASSUMED_MS = 30 * 60_000;

/** PagerDuty's id of the page that is investigated; null where another pager paged, or nobody did. */
export const ownPage = ({ trigger: { page } }: Question): string | null => (page?.pager === "pagerduty" ? page.id : null);

/** The time an earlier incident spoiled: its telemetry is no measure of how things are when all is well. */
function earlier({ page, resolvedAt }: PagerdutyIncident, ownId: string | null): TimeWindow[] {
  if (page.id === ownId) return [];
  return [{ from: page.createdAt, to: Math.min(resolvedAt ?? page.createdAt + ASSUMED_MS, page.createdAt + LONGEST_INCIDENT_MS) }];
}

/** Another page, under the catalog's name of its service. */
function otherPage({ page, resolvedAt }: PagerdutyIncident, ownId: string | null, nameOf: Question["nameOf"]): Unnumbered<OtherPage>[] {
  const { id, createdAt: at, service, title, status } = page;
  if (id === ownId) return [];
  const name = service === null ? null : nameOf(service.id);
  const ended = status === "resolved" ? (resolvedAt ?? at) : null;
  return [{ id, at, resolvedAt: ended, service: name === service?.id ? service.name : name, title }];
}

/** PagerDuty as triage asks it: the page with its alerts' bodies, what was wrong earlier, and what its change events say. */
export function pagerdutySource(pagerduty: PagerdutyClient): Source {
  return {
    name: "PagerDuty",
    brings: ["changes"],
    again: true,
    async changedAt({ changesFrom, window, services, nameOf }, signal) {
      const { value } = await pagerduty.listChangeEvents({ window: { from: changesFrom, to: window.to } }, signal);
      const isOurs = (id: string) => services.some(({ name }) => name === nameOf(id));
      return value.filter(({ pagerdutyServiceIds }) => pagerdutyServiceIds.some(isOurs)).map(({ at }) => at);
    },
    async ask(question, emit, signal) {
      const before = { from: question.baseline.from - LONGEST_INCIDENT_MS, to: question.trigger.at };
      const own = ownPage(question);
      const window = { from: question.changesFrom, to: question.window.to };
      const equal = async (id: string): Promise<Fact> => {
        const answer = await pagerduty.listEqualPages(id, window, signal);
        const times = answer.value.map(({ page }) => page.createdAt).filter((at) => at < question.trigger.at);
        return { answer, telemetry: () => ({ equalPages: times }) };
      };
      // An empty answer is no fact that a number in the ledger would stand for.
      const emitFound = (fact: Fact) => void (isEmpty(fact) ? null : emit(fact));
      const changes = async (): Promise<Fact> => {
        const answer = await pagerduty.listChangeEvents({ window }, signal);
        return {
          answer,
          completes: ["changes"],
          telemetry: (evidence) => ({
            // PagerDuty names services by its ids; a change of several services is one of each.
            changes: answer.value.flatMap((change) =>
              (change.pagerdutyServiceIds.length === 0 ? [change.service] : change.pagerdutyServiceIds.map(question.nameOf)).map(
                (service) => ({ ...change, service, evidence }),
              ),
            ),
          }),
        };
      };
      if (question.again === true) return askParts(question, emit, { changes });
      const related = async (id: string, until: AbortSignal): Promise<Fact> => {
        const { value, ...answer } = await pagerduty.relatedIncidents(id, until);
        const items = value.available ? value.items : [];
        return {
          answer: { ...answer, value },
          telemetry: (evidence) => ({
            relatedPages: items.map(({ id: other, at, title, because }) => ({ id: other, at, title, because, evidence })),
          }),
        };
      };
      // The page read but its changes not (or the other way) is still something; the coverage says what is missing.
      const parts = askParts(question, emitFound, {
        earlier: async (): Promise<Fact> => {
          const answer = await pagerduty.listIncidents({ window: before }, signal);
          return {
            answer,
            telemetry: (evidence) => ({
              earlierIncidents: answer.value.flatMap((incident) => earlier(incident, own)),
              pages: answer.value.flatMap((incident) => otherPage(incident, own, question.nameOf)).map((page) => ({ ...page, evidence })),
            }),
          };
        },
        ...(own === null
          ? {}
          : {
              page: async (): Promise<Fact> => {
                const answer = await pagerduty.readPage(own, signal);
                return { answer, telemetry: () => ({}), page: answer.value };
              },
              equal: () => equal(own),
            }),
        changes,
      });
      await (own === null
        ? parts
        : withBeside(parts, (until) => askParts(question, emitFound, { related: () => related(own, until) }), signal));
    },
  };
}

/** An empty answer to what is only asked beside the rest. */
function isEmpty({ part, telemetry }: Fact): boolean {
  const { equalPages, relatedPages } = part === "equal" || part === "related" ? telemetry(0) : {};
  return equalPages?.length === 0 || relatedPages?.length === 0;
}

/** How long what is asked beside the rest may keep it waiting: other vendors take longer, so it costs the brief nothing. */
const PATIENCE_MS = 500;

/** Asks for something beside the rest, and leaves it soon after the rest has answered. */
async function withBeside(rest: Promise<void>, ask: (until: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  const left = new AbortController();
  const beside = ask(AbortSignal.any([signal, left.signal])).catch((error: unknown) => {
    if (!left.signal.aborted) throw error;
  });
  // Heard of below, and not before the rest is over.
  beside.catch(() => undefined);
  try {
    await rest;
    const limit = AbortSignal.timeout(PATIENCE_MS);
    await Promise.race([beside, new Promise<void>((resolve) => limit.addEventListener("abort", () => resolve(), { once: true }))]);
  } finally {
    left.abort();
  }
}

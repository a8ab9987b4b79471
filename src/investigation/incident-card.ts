import { z } from "zod";
import type { IncidentEvent } from "../incident/event.ts";
import type { FlapCard } from "../incident/flap.ts";
import type { Footprint } from "../incident/footprint.ts";
import type { JoinedPage, JoinPage, Lead } from "../incident/joining.ts";
import { endsTriage } from "../incident/joining-state.ts";
import { pagerName } from "../incident/page.ts";
import { lookedAtUntil } from "../incident/reading-schedule.ts";
import type { Trigger } from "../incident/trigger.ts";
import type { IncidentView } from "../incident/view.ts";
import type { StepContext } from "../store/incident-store.ts";

/** What an incident lets others know of itself: a page, its triage and the pages that joined it. */
interface Card extends Omit<Lead, "environment">, FlapCard {
  readonly footprint: Footprint | null;
  readonly page: JoinedPage;
}

export interface JoinDependencies {
  /** The service that it is about, as the catalog names it. */
  readonly serviceOf: (trigger: Trigger) => string;
  /** Environment that the catalog speaks of, or null. */
  readonly environment: string | null;
  /** Whether the catalog's rules let a page have a model; not given: there are no rules. */
  readonly mayHaveModel?: (view: IncidentView) => boolean;
}

/** Incidents that said nothing for so long are no longer joined. */
const REMEMBERED_MS = 24 * 3_600_000;
/** Longest wait for another incident's triage. */
const PATIENCE_MS = 20_000;
const LONGEST_TITLE = 300;
/** Keys of an alert come early in it. */
const LONGEST_DETAILS = 4_000;
/** Pages that a card names: the rule needs services and titles, and one card is read by all others. */
const MOST_PAGES = 40;

/** A card of this version of midwatch; another one's is passed over. */
const cardSchema = z.looseObject({ version: z.literal(1), card: z.custom<Card>((value) => typeof value === "object" && value !== null) });

/** The page as far as it matters for which incident it belongs to. @throws where the incident has no page */
export function pageOf(context: StepContext, view: IncidentView, deps: JoinDependencies): JoinPage {
  const { page, trigger } = view;
  if (page === null || trigger === null) throw new Error("only a page joins an incident");
  const service = deps.serviceOf(trigger);
  return {
    ...{ incidentId: context.incidentId, pagerId: page.id, alertKey: page.alertKey ?? null, number: page.number, service },
    names: [...new Set([service, ...(page.service === null ? [] : [page.service.name])])],
    title: page.title.slice(0, LONGEST_TITLE),
    details: page.details.slice(0, LONGEST_DETAILS),
    priority: page.priority,
    createdAt: page.createdAt,
    mergedInto: page.mergedInto ?? null,
    footprint: view.triage?.footprint ?? null,
  };
}

function cardOf(context: StepContext, view: IncidentView, deps: JoinDependencies): Card {
  const isRead = context.log.some(({ event }) => endsTriage(event));
  const ended = view.status === "resolved" ? context.log.findLast(({ event }) => isResolve(event)) : undefined;
  return {
    ...pageOf(context, view, deps),
    // What is over is found by its service alone.
    footprint: ended === undefined ? (view.triage?.footprint ?? null) : null,
    page: joinedPage(view, deps),
    joined: view.joining.pages.slice(-MOST_PAGES).map(({ incident, page: { pagerId = "", service, title, createdAt } }) => ({
      ...{ incidentId: incident, pagerId, service, names: [service], title: title.slice(0, LONGEST_TITLE), details: "" },
      ...{ priority: null, createdAt },
    })),
    triageDueAt: isRead ? null : view.openedAt + PATIENCE_MS,
    endedAt: ended?.at ?? null,
    lookedAtUntil: lookedAtUntil(context.log, view),
    flap: view.flaps.own,
    namesFlaps: view.flaps.named !== null,
  };
}

const isResolve = (event: IncidentEvent): boolean => event.type === "pager-event-received" && event.page?.status === "resolved";

/** Lets others know of this incident, and those that wait for its triage that it is over. */
export async function pin(context: StepContext, view: IncidentView, deps: JoinDependencies): Promise<IncidentEvent> {
  const { log, others } = context;
  await others.pin({ version: 1, card: cardOf(context, view, deps) });
  if (log.some(({ event }) => endsTriage(event))) await tellAwaiting(context, view);
  return { type: "card-pinned", seen: log.at(-1)?.seq ?? 0 };
}

/** Lets those that wait for this incident's triage look again. */
export async function tellAwaiting({ others, incidentId }: StepContext, { joining }: IncidentView): Promise<void> {
  for (const { incident } of joining.awaiting) await others.tell(incident, [{ type: "lead-read", lead: incidentId }], `read:${incidentId}`);
}

/** Cards of incidents that follow no other, oldest page first. */
export async function readCards({ others, now }: StepContext, { environment }: JoinDependencies): Promise<(Card & Lead)[]> {
  const pinned = await others.pinned(now() - REMEMBERED_MS);
  const cards = pinned.flatMap(({ card }) => {
    const parsed = cardSchema.safeParse(card);
    return parsed.success ? [{ ...parsed.data.card, environment }] : [];
  });
  return cards.toSorted((a, b) => (isOlder(a, b) ? -1 : 1));
}

/** Of two pages of one moment the order of their ids decides, so that both see it alike. */
export const isOlder = (a: JoinPage, b: JoinPage): boolean =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.incidentId < b.incidentId);

/** The page as the incident that it joins names it. */
export function joinedPage(view: IncidentView, { serviceOf, mayHaveModel }: JoinDependencies): JoinedPage {
  const { page, trigger } = view;
  return {
    ...(page === null ? {} : { pagerId: page.id }),
    name: pagerName(page),
    service: trigger === null ? "" : serviceOf(trigger),
    title: page?.title ?? "",
    link: page?.link ?? null,
    createdAt: page?.createdAt ?? 0,
    ...(mayHaveModel?.(view) === true ? { mayHaveModel: true } : {}),
  };
}

import { z } from "zod";
import type { Step, StepContext } from "../store/incident-store.ts";
import type { IncidentEvent } from "../incident/event.ts";
import { type FlapCard, flapsBefore, NAMED_FROM, patternOf } from "../incident/flap.ts";
import type { Footprint } from "../incident/footprint.ts";
import { type Joining, type JoinedPage, type JoinPage, judgeJoining, type Lead } from "../incident/joining.ts";
import { endsTriage } from "../incident/joining-state.ts";
import { lookedAtUntil } from "../incident/reading-schedule.ts";
import { pagerName } from "../incident/page.ts";
import { stepIds } from "../incident/step-id.ts";
import type { Trigger } from "../incident/trigger.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";

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
async function pin(context: StepContext, view: IncidentView, deps: JoinDependencies): Promise<IncidentEvent> {
  const { log, others, incidentId } = context;
  await others.pin({ version: 1, card: cardOf(context, view, deps) });
  if (log.some(({ event }) => endsTriage(event)))
    for (const incident of view.joining.awaiting)
      await others.tell(incident, [{ type: "lead-read", lead: incidentId }], `read:${incidentId}`);
  return { type: "card-pinned", seen: log.at(-1)?.seq ?? 0 };
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

/** Looks for an incident that this page belongs to, and lets others find this one. */
export const joinStep = (deps: JoinDependencies): Step => ({
  id: stepIds.join,
  attempts: 3,
  async run(context) {
    const { log, others, incidentId, now } = context;
    const view = viewOf(log);
    // First: of two pages that look at once, at least one finds the other.
    const pinned = await pin(context, view, deps);
    const page = pageOf(context, view, deps);
    const leads = await readCards(context, deps);
    const found = leads.map((lead) => ({ lead, joining: judgeJoining(lead, page, now()) }));
    const of = <H extends Joining["how"]>(how: H) =>
      found.flatMap(({ lead, joining }) => (joining.how === how ? [{ lead, joining: joining as Extract<Joining, { how: H }> }] : []));
    const [joins] = of("joins").toSorted((a, b) => strength(b.joining) - strength(a.joining));
    if (joins !== undefined) {
      const { because, lead } = joins.joining;
      const other = joins.lead.incidentId;
      return [
        pinned,
        lead === "page" ? { type: "took-over", incident: other, because } : { type: "joined", lead: other, page: joins.lead.page, because },
      ];
    }
    // Of two that look at once the newer waits, and nobody for it.
    const waits = of("wait").find(({ lead }) => isOlder(lead, page));
    if (waits !== undefined) {
      const { lead, joining } = waits;
      await others.pin(null);
      await others.tell(lead.incidentId, [{ type: "page-awaits", incident: incidentId }], `awaits:${incidentId}`);
      return [pinned, { type: "join-awaited", lead: lead.incidentId, until: joining.until }];
    }
    const newest = of("apart").at(-1)?.joining.because ?? null;
    const { flaps } = flapsBefore(page, leads);
    const before = flaps.length < NAMED_FROM ? {} : { flaps: patternOf(flaps) };
    return [pinned, { type: "stayed-apart", because: newest, isFinal: page.footprint != null, ...before }];
  },
});

const isOlder = (a: JoinPage, b: JoinPage): boolean =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.incidentId < b.incidentId);

/** The same service, or the pager's own word, says more than what was read. */
const strength = ({ because: { code } }: Extract<Joining, { how: "joins" }>): number => (code === "merged" ? 2 : code === "again" ? 1 : 0);

/** Lets others know what this incident has become. */
export const pinStep = (deps: JoinDependencies): Step => ({
  id: stepIds.pin,
  run: async (context) => [await pin(context, viewOf(context.log), deps)],
});

/** Carries out a decision to join, to take over or to split. It may be cut off anywhere and done again: each message counts once. */
export const tellLeadStep = (deps: JoinDependencies): Step => ({
  id: stepIds.tellLead,
  attempts: 10,
  async run(context) {
    const { log, others, incidentId } = context;
    const view = viewOf(log);
    const { untold, lead } = view.joining;
    const decision = log.find(({ seq }) => seq === untold)?.event;
    if (decision?.type === "took-over") {
      const joined: IncidentEvent = { type: "joined", lead: incidentId, page: joinedPage(view, deps), because: decision.because };
      await others.tell(decision.incident, [joined], `taken:${incidentId}:${untold}`);
      return [{ type: "lead-told", lead: null }];
    }
    if (lead === null) {
      await others.leave();
      return [{ type: "lead-told", lead: null }];
    }
    const following = await others.follow(lead.incident);
    if (following.lead === null) return [{ type: "lead-told", lead: null }];
    const page = joinedPage(view, deps);
    const joined: IncidentEvent = { type: "page-joined", incident: incidentId, page, because: lead.because };
    await others.tell(following.lead, [joined], `joined:${incidentId}:${untold}`);
    for (const incident of following.moved) {
      const moved: IncidentEvent = { type: "lead-moved", lead: following.lead, page: lead.page };
      await others.tell(incident, [moved], `moved:${incidentId}:${untold}`);
    }
    return [{ type: "lead-told", lead: following.lead }];
  },
});

function joinedPage(view: IncidentView, { serviceOf, mayHaveModel }: JoinDependencies): JoinedPage {
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

/** A person takes a page out of this incident. @param asked place of their click in the log */
export const splitStep = (asked: number, incident: string, by: string): Step => ({
  id: `split:${asked}`,
  attempts: 10,
  async run({ others, incidentId }) {
    await others.tell(incident, [{ type: "split", by }], `split:${incidentId}:${asked}`);
    return [{ type: "page-left", incident, by }];
  },
});

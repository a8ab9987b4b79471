import type { IncidentEvent } from "../incident/event.ts";
import { flapsBefore, NAMED_FROM, patternOf } from "../incident/flap.ts";
import { type Joining, judgeJoining } from "../incident/joining.ts";
import { stepIds } from "../incident/step-id.ts";
import { viewOf } from "../incident/view.ts";
import type { Step } from "../store/incident-store.ts";
import { isOlder, type JoinDependencies, joinedPage, pageOf, pin, readCards, tellAwaiting } from "./incident-card.ts";

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
      const awaits: IncidentEvent = { type: "page-awaits", incident: incidentId, page: joinedPage(view, deps) };
      await others.tell(lead.incidentId, [awaits], `awaits:${incidentId}`);
      return [pinned, { type: "join-awaited", lead: lead.incidentId, until: joining.until }];
    }
    const newest = of("apart").at(-1)?.joining.because ?? null;
    const { flaps } = flapsBefore(page, leads);
    const before = flaps.length < NAMED_FROM ? {} : { flaps: patternOf(flaps) };
    return [pinned, { type: "stayed-apart", because: newest, isFinal: page.footprint != null, ...before }];
  },
});

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
    // Those who waited for its triage look for whom it follows.
    await tellAwaiting(context, view);
    return [{ type: "lead-told", lead: following.lead }];
  },
});

/** A person takes a page out of this incident. @param asked place of their click in the log */
export const splitStep = (asked: number, incident: string, by: string): Step => ({
  id: `split:${asked}`,
  attempts: 10,
  async run({ others, incidentId }) {
    await others.tell(incident, [{ type: "split", by }], `split:${incidentId}:${asked}`);
    return [{ type: "page-left", incident, by }];
  },
});

import { LIKELY } from "./confidence.ts";
import type { EndOfTrouble, Footprint, MovedService } from "./footprint.ts";
import { compareTitles, environmentName, environmentOf, type Resource, resourcesOf } from "./page-resource.ts";

/** A page as far as it matters for which incident it belongs to. */
export interface JoinPage {
  /** midwatch's own. */
  readonly incidentId: string;
  readonly pagerId: string;
  /** By which the pager knows alerts of one monitor; null or missing: it names none. */
  readonly alertKey?: string | null;
  /** The page's own number in the pager. */
  readonly number?: number | null;
  /** By the catalog. */
  readonly service: string;
  /** All names of the service, the catalog's too. */
  readonly names: readonly string[];
  readonly title: string;
  readonly details: string;
  readonly priority: string | null;
  readonly createdAt: number;
  /** The pager's id of the page that people have merged it into. */
  readonly mergedInto?: string | null;
  /** Of its own triage, where that is done. */
  readonly footprint?: Footprint | null;
}

/** A page as the incident that it joined names it. */
export interface JoinedPage {
  /** The pager's. Missing in older logs. */
  readonly pagerId?: string;
  /** "PagerDuty #4824". */
  readonly name: string;
  readonly service: string;
  readonly title: string;
  readonly link: string | null;
  readonly createdAt: number;
  /** The catalog's rules leave out other pages, and not this one. Missing: there are none, or they do. */
  readonly mayHaveModel?: true;
}

/** An incident that other pages may join. */
export interface Lead extends JoinPage {
  /** Pages that have joined it. */
  readonly joined: readonly JoinPage[];
  /** Until when its triage is awaited, epoch milliseconds; null: it is done, or nobody waits for it. */
  readonly triageDueAt: number | null;
  /** When it was over; null: it is open. */
  readonly endedAt: number | null;
  /** Up to when it was looked at, where it is not read again: no trouble was found. null or missing: it is read again. */
  readonly lookedAtUntil?: number | null;
  /** Environment that the catalog speaks of; null: it names none. */
  readonly environment: string | null;
}

/** Why a page joins, or stays apart: a code, and the names and times that its words need. */
export type JoinReason =
  | { readonly code: "merged" | "related" }
  /** `since`: when the incident's first page of that service came. How many there are by now is counted where it is said. */
  | { readonly code: "again"; readonly service: string; readonly since: number }
  | { readonly code: "same-end"; readonly service: string; readonly end: string; readonly fails: boolean; readonly probability: number }
  | { readonly code: "alike"; readonly service: string; readonly count: number }
  | { readonly code: "same-change"; readonly change: string };

export type ApartReason =
  | { readonly code: "other-environment"; readonly environments: readonly [string, string] }
  | { readonly code: "other-resource"; readonly names: readonly [string, string] }
  | { readonly code: "unexplained-resource"; readonly kind: string; readonly name: string }
  | { readonly code: "ended" | "nothing-found" | "long-ago" | "not-read" }
  | { readonly code: "not-moved"; readonly service: string }
  | { readonly code: "other-onset"; readonly minutes: number }
  | { readonly code: "other-end"; readonly ends: readonly [string | null, string | null]; readonly probability: number };

export type Joining =
  /** `lead`: which of the two leads from now on. */
  | { readonly how: "joins"; readonly lead: "lead" | "page"; readonly because: JoinReason }
  /** `isFinal`: nothing that is read later changes it. */
  | { readonly how: "apart"; readonly isFinal: boolean; readonly because: ApartReason }
  | { readonly how: "wait"; readonly until: number };

/** An incident that nobody closed is no home for what pages hours later: that needs a look of its own. */
const LONG_MS = 6 * 3_600_000;
/** Onsets further apart are two stories, whatever calls whom. */
const ONSETS_MS = 10 * 60_000;
/** Likelier than not that both end in one place. */
const SAME_END = 0.5;

/**
 * Whether a page belongs to an open incident. The same answer for the same data; `docs/joining.md` says the rule and its limits in words.
 */
export function judgeJoining(lead: Lead, page: JoinPage, now: number): Joining {
  const joins = (because: JoinReason): Joining => ({ how: "joins", lead: outranks(page, lead) ? "page" : "lead", because });
  const apart = (because: ApartReason, isFinal = true): Joining => ({ how: "apart", isFinal, because });
  const pages = [lead, ...lead.joined];
  if (page.mergedInto != null && pages.some(({ pagerId }) => pagerId === page.mergedInto)) return joins({ code: "merged" });
  const environments = [environmentOfPage(lead, lead.environment), environmentOfPage(page, lead.environment)] as const;
  const [ours, theirs] = environments;
  if (ours !== theirs && ours !== null && theirs !== null) return apart({ code: "other-environment", environments: [ours, theirs] });
  const picture = page.footprint ?? lead.footprint ?? null;
  const other = otherResource(pages, page, picture);
  if (other !== null) return apart({ code: "other-resource", names: other });
  const same = pages.filter(({ service }) => service === page.service);
  // What was said of it says nothing of now: a page after it needs a look of its own.
  if (lead.endedAt !== null) return apart({ code: "ended" });
  const seenUntil = Math.max(page.createdAt, page.footprint?.asOf ?? 0);
  if (lead.lookedAtUntil != null && seenUntil > lead.lookedAtUntil) return apart({ code: "nothing-found" });
  if (page.createdAt - Math.max(...pages.map(({ createdAt }) => createdAt)) > LONG_MS) return apart({ code: "long-ago" });
  if (same.length > 0) {
    const since = Math.min(...same.map(({ createdAt }) => createdAt));
    return joins({ code: "again", service: page.service, since });
  }
  if (picture === null)
    // A page that would lead waits for nobody.
    return lead.triageDueAt !== null && now < lead.triageDueAt && !outranks(page, lead)
      ? { how: "wait", until: lead.triageDueAt }
      : apart({ code: "not-read" }, false);
  return byCause(lead, page, picture, joins, apart);
}

/** Whether two services' trouble is one, by what a triage saw of both. */
function byCause(
  lead: Lead,
  page: JoinPage,
  picture: Footprint,
  joins: (because: JoinReason) => Joining,
  apart: (because: ApartReason, isFinal?: boolean) => Joining,
): Joining {
  const moved = new Map(picture.moved.map((one) => [one.service, one]));
  const theirs = moved.get(page.service);
  if (theirs === undefined) return apart({ code: "not-moved", service: page.service }, page.footprint != null);
  // A triage sees most of the service that it is about.
  const atLead = new Map(lead.footprint?.moved.map((one) => [one.service, one]));
  const seen = [...new Set([lead, ...lead.joined].map(({ service }) => service))].flatMap(
    (service) => atLead.get(service) ?? moved.get(service) ?? [],
  );
  // Of what takes the lead, a reason is said of the other one, which shows nothing.
  const own = seen.length > 0 || outranks(page, lead) ? seen : asItIsBlamed(lead);
  if (own.length === 0) return apart({ code: "not-moved", service: lead.service }, page.footprint != null);
  const gap = Math.min(...own.map(({ since }) => Math.abs(since - theirs.since)));
  if (gap > ONSETS_MS + picture.stepMs) return apart({ code: "other-onset", minutes: Math.round(gap / 60_000) });
  const unexplained = unexplainedOf(lead, page, moved);
  if (unexplained !== null) return apart({ code: "unexplained-resource", kind: unexplained.kind, name: unexplained.value });
  const change = sharedChange(lead.footprint ?? null, page.footprint ?? null);
  if (change !== null) return joins({ code: "same-change", change });
  if (isRelated(lead, page) && !endsElsewhere(theirs, own)) return joins({ code: "related" });
  const best = own
    .map((one) => ({ one, shared: sharedEnd(one, theirs, lead.footprint?.alike.length === 0 ? [] : picture.alike) }))
    .toSorted((a, b) => b.shared.probability - a.shared.probability)[0];
  const first = (one: MovedService | undefined) => one?.ends[0]?.service ?? null;
  if (best === undefined || best.shared.probability < SAME_END)
    return apart(
      { code: "other-end", ends: [first(best?.one), first(theirs)], probability: best?.shared.probability ?? 0 },
      page.footprint != null,
    );
  const { end, probability } = best.shared;
  // The reason is said of the one that joins.
  const joiner = outranks(page, lead) ? best.one : theirs;
  return joins(
    end === null
      ? { code: "alike", service: page.service, count: picture.alike.length }
      : { code: "same-end", service: joiner.service, end, fails: joiner.fails, probability },
  );
}

/** An incident whose own service hardly shows it is the trouble of whom its triage blames; nothing where that is not likely. */
function asItIsBlamed({ service, footprint }: Lead): MovedService[] {
  const [first] = footprint?.culprits ?? [];
  if (footprint == null || footprint.onset === null || first === undefined || first.probability < LIKELY) return [];
  return [{ service, since: footprint.onset, fails: false, kinds: [], ends: footprint.culprits }];
}

/** Whether the pager relates the page to one of the incident: each triage asks for its own page, and the later one knows of both. */
function isRelated(lead: Lead, page: JoinPage): boolean {
  const ids = [lead, ...lead.joined].map(({ pagerId }) => pagerId);
  return page.footprint?.related?.some((id) => ids.includes(id)) === true || lead.footprint?.related?.includes(page.pagerId) === true;
}

/** A place in which a service's trouble hardly ends. */
const HARDLY = 0.1;

/** Whether a service's trouble likely ends where none of the incident's does, and the incident's likely ends somewhere: the pager guesses, data do not. */
function endsElsewhere({ ends: [end] }: MovedService, own: readonly MovedService[]): boolean {
  if (end === undefined || end.probability < LIKELY) return false;
  const isPossible = own.some(({ ends }) => ends.some((one) => one.service === end.service && one.probability >= HARDLY));
  return !isPossible && own.some(({ ends: [first] }) => first !== undefined && first.probability >= LIKELY);
}

/**
 * How likely it is that two services' trouble ends in one place, and in which; null: in what several that fail alike share. Agreement on one of `n` places
 * that come into question for either is held against chance, which agrees once in `n` times: the odds are `n S / (1 - S)`, where `S` adds up the
 * products of both probabilities, and one cause is as likely as two before anything is read. What fails alike is no place by itself, so it counts as it is.
 */
function sharedEnd(a: MovedService, b: MovedService, alike: readonly string[]): { probability: number; end: string | null } {
  const layer = new Set(alike);
  const inLayer = ({ ends }: MovedService) =>
    ends.reduce((sum, { service, probability }) => sum + (layer.has(service) ? probability : 0), 0);
  const named = new Set([...a.ends, ...b.ends].flatMap(({ service }) => (layer.has(service) ? [] : [service])));
  let most: EndOfTrouble | null = null;
  let sum = 0;
  for (const { service, probability } of a.ends) {
    if (layer.has(service)) continue;
    const both = probability * (b.ends.find((end) => end.service === service)?.probability ?? 0);
    sum += both;
    if (both > (most?.probability ?? 0)) most = { service, probability: both };
  }
  const shared = inLayer(a) * inLayer(b);
  const agreed = named.size === 0 ? 0 : (named.size * sum) / (named.size * sum + 1 - sum);
  return { probability: Math.max(agreed, sum + shared), end: most !== null && most.probability >= shared ? most.service : null };
}

/** The change that both triages blame, as people write it; null: they blame different ones, or none. */
function sharedChange(a: Footprint | null, b: Footprint | null): string | null {
  const blamed = (footprint: Footprint | null) => {
    const [first] = footprint?.culprits ?? [];
    const change = first?.change ?? null;
    // A change of another service than the one that it is blamed for is a guess.
    if (first === undefined || change === null || change.service !== first.service || first.probability < LIKELY) return null;
    return change.sha ?? change.version;
  };
  const [one, other] = [blamed(a), blamed(b)];
  return one !== null && one === other ? one : null;
}

/** Read once for each page: a page is held against all others, and its text may be long. */
const readOnce = <T>(read: (page: JoinPage) => T): ((page: JoinPage) => T) => {
  const known = new WeakMap<JoinPage, { readonly value: T }>();
  return (page) => {
    const found = known.get(page) ?? { value: read(page) };
    known.set(page, found);
    return found.value;
  };
};
const resourcesIn = readOnce(({ title, details }) => resourcesOf(`${title}\n${details}`));
const environmentIn = readOnce(({ title, details }) => environmentOf(title, details));

const environmentOfPage = (page: JoinPage, usual: string | null): string | null =>
  environmentIn(page) ?? (usual === null ? null : environmentName(usual));

/** The resource of the page and that of those of the incident, where the alert is the same and the resource is not; else null. */
function otherResource(pages: readonly JoinPage[], page: JoinPage, picture: Footprint | null): readonly [string, string] | null {
  const known = new Set(picture?.moved.map(({ service }) => service.toLowerCase()) ?? []);
  let found: readonly [string, string] | null = null;
  for (const one of pages) {
    const other = otherThan(one, page, (word) => known.has(word.toLowerCase()));
    // One page of the incident about the same resource is enough.
    if (other === null && one.service === page.service) return null;
    found ??= other;
  }
  return found;
}

function otherThan(one: JoinPage, page: JoinPage, known: (word: string) => boolean): readonly [string, string] | null {
  const [left, right] = [resourcesIn(one), resourcesIn(page)];
  const isSameService = one.service === page.service;
  for (const { kind, role } of right) {
    // Each service runs on hosts of its own.
    if (role === "where" && !isSameService) continue;
    const of = (all: readonly Resource[]) => all.filter((resource) => resource.kind === kind).map(({ value }) => value);
    const [mine, theirs] = [of(left), of(right)];
    if (mine[0] !== undefined && theirs[0] !== undefined && !mine.some((value) => theirs.includes(value))) return [mine[0], theirs[0]];
  }
  const titles = compareTitles(one.title, page.title, [ownNames(one), ownNames(page)], known);
  if (titles.how !== "other-resource") return null;
  // By which pods of two services differ is their names.
  const isOwn = (name: string, { names }: JoinPage) => names.some((own) => name.toLowerCase().startsWith(own.toLowerCase()));
  return !isSameService && isOwn(titles.names[0], one) && isOwn(titles.names[1], page) ? null : titles.names;
}

/** Whether two pages are of one alert: by the pager's key of it, else by what they say, about the same resource of the same service. */
export function isSameAlert(one: JoinPage, other: JoinPage): boolean {
  if (one.service !== other.service) return false;
  if (one.alertKey != null && other.alertKey != null) return one.alertKey === other.alertKey;
  const none = () => false;
  return (
    otherThan(one, other, none) === null && compareTitles(one.title, other.title, [ownNames(one), ownNames(other)], none).how === "same"
  );
}

/** What differs between two pages of one alert: the names of their services, and their own ids. */
const ownNames = ({ names, pagerId, number }: JoinPage): string[] => [...names, pagerId, ...(number == null ? [] : [String(number)])];

/** A thing that services use, which the page names and no other page of the incident, and of which nothing says that it moved; else null. */
function unexplainedOf(lead: Lead, page: JoinPage, moved: ReadonlyMap<string, MovedService>): Resource | null {
  const named = [lead, ...lead.joined].flatMap(resourcesIn);
  const isNamed = ({ kind, value }: Resource) => named.some((one) => one.kind === kind && one.value === value);
  const names = [...moved.keys()].map((service) => service.toLowerCase());
  const own = page.names.map((name) => name.toLowerCase());
  return (
    resourcesIn(page).find(
      (resource) => resource.role === "what" && !isNamed(resource) && !names.includes(resource.value) && !own.includes(resource.value),
    ) ?? null
  );
}

/** Whether a page is of a higher priority than the incident: "P1" before "P3" before none, by the first number in its name. */
function outranks(page: JoinPage, lead: JoinPage): boolean {
  const rank = ({ priority }: JoinPage) => Number(/\d+/.exec(priority ?? "")?.[0] ?? Infinity);
  return rank(page) < rank(lead);
}

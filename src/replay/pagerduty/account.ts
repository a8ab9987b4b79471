import { createHash } from "node:crypto";
import type { ReplayClock } from "../clock.ts";
import { isDeploy } from "../deploys.ts";
import type { Json } from "../json.ts";
import { type Person, people } from "../people.ts";
import type { RecordedChange, Recording } from "../recorded.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** An id in PagerDuty's manner that is the same each time for the same parts. */
export function idOf(prefix: string, length: number, ...parts: readonly string[]): string {
  const digest = createHash("sha256").update(parts.join("\0")).digest();
  return prefix + [...digest.subarray(0, length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

export const serviceId = (service: string): string => idOf("P", 6, "service", service);
export const userId = (person: Pick<Person, "name">): string => idOf("P", 6, "user", person.name);
export const escalationPolicyId = idOf("P", 6, "escalation-policy");
export const integrationId = idOf("P", 6, "integration");
/** The account that notes of an API key are written as when their From names nobody else. */
export const botUser: Person = { name: "midwatch", realName: "midwatch", email: "midwatch@acme.example" };

export type IncidentStatus = "triggered" | "acknowledged" | "resolved";

export interface AccountIncident {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly details: string;
  readonly service: string;
  readonly urgency: "high" | "low";
  /** Served time, epoch milliseconds. */
  readonly createdAt: number;
  readonly resolvedAt: number | null;
  readonly status: IncidentStatus;
}

/** A change as PagerDuty gets it. */
export interface AccountChange {
  readonly id: string;
  readonly at: number;
  readonly summary: string;
  readonly source: string;
  readonly service: string | null;
  readonly sha: string | null;
  readonly details: Json;
}

/** Everything PagerDuty knows of a recording when its replay begins. */
export interface Account {
  /** In the order of the recording's pages. */
  readonly pages: readonly AccountIncident[];
  /** Earlier faults, as resolved incidents, oldest first. */
  readonly earlier: readonly AccountIncident[];
  readonly services: readonly string[];
  /** Newest first. */
  readonly changes: readonly AccountChange[];
}

function summaryOf(change: RecordedChange): string {
  const what = change.version ?? change.sha?.slice(0, 7) ?? null;
  const where = change.environment ?? "production";
  const service = change.service ?? "unknown service";
  if (change.kind === "flag") return `Feature flag ${change.flag ?? ""} of ${service}: ${change.change ?? "changed"}`;
  if (change.message !== null) return change.message.split("\n", 1)[0] ?? "";
  if (isDeploy(change) && change.change === "config") return `Configuration of ${service} rolled out to ${where}`;
  if (isDeploy(change))
    return `${change.kind === "rollback" ? "Rolled back" : "Deployed"} ${service}${what === null ? "" : ` ${what}`} to ${where}`;
  return `${change.kind} of ${service}${change.change === null ? "" : `: ${change.change}`}`;
}

const toChange =
  (recording: Recording, clock: ReplayClock, repository: string | null) =>
  (change: RecordedChange, index: number): AccountChange => ({
    id: idOf("01", 24, recording.incident.id, "change", String(index)),
    at: clock.toServed(change.at),
    summary: summaryOf(change),
    source: change.kind === "flag" ? "feature-flags" : "deploy-pipeline",
    service: change.service,
    sha: change.sha,
    details: Object.fromEntries(
      Object.entries({
        kind: change.kind,
        service: change.service,
        environment: change.environment ?? (isDeploy(change) ? "production" : null),
        version: change.version,
        sha: change.sha,
        repository: change.sha === null ? null : repository,
        flag: change.flag,
        change: change.change,
        author: change.author,
      }).filter(([, value]) => value !== null),
    ),
  });

/**
 * @param repository `owner/name` that deployed commits belong to, or null
 */
export function accountOf(recording: Recording, clock: ReplayClock, repository: string | null): Account {
  const { incident } = recording;
  const firstNumber = 1000 + (Number.parseInt(createHash("sha256").update(incident.id).digest("hex").slice(0, 6), 16) % 8000);
  const earlier = incident.earlierIncidents
    .filter(({ to }) => to <= incident.window.to)
    .toSorted((a, b) => a.from - b.from)
    .map((fault, index): AccountIncident => ({
      id: idOf("Q", 13, incident.id, "earlier", String(index)),
      number: firstNumber + index,
      title: incident.title,
      details: "",
      service: incident.entryService,
      urgency: incident.urgency,
      createdAt: clock.toServed(fault.from),
      resolvedAt: clock.toServed(fault.to),
      status: "resolved",
    }));
  const pages = recording.pages.map((page, index): AccountIncident => ({
    id: idOf("Q", 13, incident.id, "page", String(index)),
    number: firstNumber + earlier.length + index,
    title: page.title,
    details: page.details,
    service: page.service,
    urgency: page.urgency,
    createdAt: clock.toServed(incident.detectedAt + page.offsetMs),
    resolvedAt: null,
    status: "triggered",
  }));
  const changes = recording.changes
    .filter(({ kind, at }) => kind !== "commit" && at <= incident.window.to)
    .map(toChange(recording, clock, repository))
    .toReversed();
  const services = [
    ...new Set([
      incident.entryService,
      ...pages.map(({ service }) => service),
      ...incident.services,
      ...changes.flatMap(({ service }) => service ?? []),
    ]),
  ];
  return { pages, earlier, services, changes };
}

export const responders = people;

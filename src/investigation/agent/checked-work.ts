import type { Answer } from "../../incident/answer.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import type { ToolUse } from "../../incident/model.ts";
import type { StepContext } from "../../store/incident-store.ts";
import { aliasesOf, codeOf, type Question } from "../../incident/source.ts";
import { outsideLine } from "../../report/tool-view.ts";
import { type IncidentView, viewOf } from "../../incident/view.ts";
import { evidenceMark } from "../../report/words.ts";
import { stringsIn } from "../check/asked-words.ts";
import type { CheckContext, CheckLedger } from "../check/check-context.ts";
import type { Problem } from "../check/problem.ts";
import type { CheckedFinding } from "../check/check-finding.ts";
import { type EvidenceEntry, listEvidence, readEvidence } from "../../store/evidence.ts";
import { diffsRead } from "./rounds.ts";

/** What checks need of an incident: its log and its ledger. */
export type ReadingContext = Pick<StepContext, "sql" | "incidentId" | "log">;

/** Raw answers that are not in the ledger yet, and what tools made of them. */
export interface FreshEvidence {
  readonly raw: readonly Answer<unknown>[];
  /** Number of the first of them. */
  readonly first: number;
  readonly views: ReadonlyMap<number, readonly string[]>;
  /** The strings of the calls that brought them. */
  readonly asked: ReadonlyMap<number, readonly string[]>;
}

/** Suspects of triage that a finding has to name or rule out. */
const UNTESTED = 0.3;

/** A figure that a sentence has twice is wrong once. */
const listed = (problems: readonly Problem[]) =>
  [...new Set(problems.map(({ where, what, fix }) => `- ${where}: ${what}; ${fix}.`))].join("\n");

/** What does not hold, for the model. @param again whether it may still come back after this time */
export function problemText(problems: readonly Problem[], again = false): string {
  const faults = problems.filter(({ weight }) => weight !== "hint");
  const hints = problems.filter(({ weight }) => weight === "hint");
  return [
    "Not accepted yet; nothing was posted.",
    ...(faults.length === 0 ? [] : [`What does not hold:\n${listed(faults)}`]),
    ...(hints.length === 0 ? [] : [`Look at these once more; you may leave them as they are:\n${listed(hints)}`]),
    `Correct it and hand it in again${again ? "" : ", for the last time"}. What contradicts the evidence is cut then, and what is in no evidence is marked as unverified.`,
  ].join("\n");
}

/** A name in backticks: `logs_read_data`. */
const CODE = /`([\p{L}\p{N}_.:/-]{3,60})`/gu;

/** Names of the runbooks that the agent opened; a name that is not there was not read. */
const runbooksRead = (log: readonly LoggedEvent[]): string[] =>
  log.flatMap(({ event }) => (event.type === "tools-answered" ? event.answers.flatMap(({ runbook }) => runbook ?? []) : []));

/**
 * What code knows for certain of the incident.
 * @param hosts to which links may lead, lower case
 * @param runbooks whole texts of those that fit, as the model was given them
 */
export function checkContext(
  log: readonly LoggedEvent[],
  view: IncidentView,
  question: Question,
  { hosts, runbooks }: { readonly hosts: readonly string[]; readonly runbooks: (view: IncidentView) => string },
): CheckContext {
  const suspects = view.analysis?.suspects ?? [];
  return {
    pagedService: question.service,
    pagedAt: question.trigger.at,
    onset: view.analysis?.onset ?? null,
    services: question.services.map((service) => ({
      name: service.name,
      aliases: aliasesOf(service),
    })),
    changes: view.triage?.changes ?? [],
    diffsRead: diffsRead(log),
    alternatives:
      view.analysis?.verdict === "incident"
        ? suspects
            .filter(({ probability }) => probability >= UNTESTED)
            .map(({ service, change, probability }) => ({ service, change: change?.sha ?? change?.version ?? null, probability }))
        : [],
    names: [
      ...suspects.flatMap(({ instance }) => instance ?? []),
      ...question.services.flatMap((service) => codeOf(service)?.repository ?? []),
      ...(view.page?.assignees.map(({ name }) => name) ?? []),
      // Code itself says what it could not read, and which right is missing.
      ...view.coverage.flatMap(({ detail }) => [...(detail ?? "").matchAll(CODE)].flatMap(([, name]) => name ?? [])),
    ],
    steps: [
      runbooks(view),
      ...(view.triage?.runbooks ?? []).map(({ steps }) => steps.join("\n")),
      ...log.flatMap(({ event }) =>
        event.type === "tools-answered"
          ? event.answers.filter(({ name }) => name === "read_skill" || name === "read_runbook").map((answer) => answer.view)
          : [],
      ),
    ],
    hosts,
    // Those that match, and whatever else of the library was read.
    runbooks: [...new Set([...(view.triage?.runbooks.map(({ name }) => name) ?? []), ...runbooksRead(log)])],
  };
}

/** The evidence of a line of the digest: what the digest itself put at its end. Lines of logs may hold any mark. */
const marksOf = (line: string): readonly string[] => / \[(E\d+(?: E\d+)*)\]:?$/.exec(line.slice(-400))?.[1]?.split(" ") ?? [];

/** What the model wrote in the calls that brought each evidence. */
function askedIn(log: readonly LoggedEvent[]): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  let uses: readonly ToolUse[] = [];
  for (const { event } of log) {
    if (event.type === "model-turn") uses = event.toolUses;
    else if (event.type === "tools-answered")
      for (const { id, evidence } of event.answers) {
        const asked = stringsIn(uses.find((use) => use.id === id)?.input);
        for (const number of evidence) found.set(number, asked);
      }
  }
  return found;
}

/** The ledger as the checks read it, with what tools and triage computed from it. */
export function checkLedger(context: ReadingContext, fresh: FreshEvidence | null = null): CheckLedger {
  const { log } = context;
  const entries = new Map<number, EvidenceEntry>(listEvidence(context.sql, context.incidentId).map((entry) => [entry.number, entry]));
  const asked = askedIn(log);
  const digest = viewOf(log).triage?.digest.split("\n") ?? [];
  return {
    entry: (number) => {
      const unkept = fresh?.raw[number - fresh.first];
      if (unkept === undefined) return entries.get(number) ?? null;
      return { source: unkept.source, query: unkept.query, from: unkept.window?.from ?? null, to: unkept.window?.to ?? null };
    },
    raw: async (number) =>
      fresh?.raw[number - fresh.first]?.raw ?? (await readEvidence(context.sql, context.incidentId, number))?.raw ?? null,
    asked: (number) => asked.get(number) ?? fresh?.asked.get(number) ?? [],
    views: (number) => {
      const views = log.flatMap(({ event }) =>
        event.type === "tools-answered" ? event.answers.filter(({ evidence }) => evidence.includes(number)).map(({ view }) => view) : [],
      );
      return [...digest.filter((line) => marksOf(line).includes(evidenceMark(number))), ...views, ...(fresh?.views.get(number) ?? [])];
    },
  };
}

/** What a problem may repeat to people: a figure, a name, an id. Sentences and code that did not hold are not repeated, not even as such. */
const REPEATED = /^[\p{L}\p{N}.,:%×µ#@/→ _+-]{1,40}$/u;
const cautious = (text: string) =>
  text.replaceAll(/“([^”]*)”|`([^`]*)`/g, (whole, quoted?: string) =>
    quoted !== undefined && REPEATED.test(quoted) && quoted.split(" ").length <= 3 ? whole : "“…”",
  );

/** What was cut and why, for people: the place and the reason. */
export const droppedWords = ({ problems }: CheckedFinding): string[] =>
  problems.flatMap(({ where, what, weight }) => (weight === "cut" ? [outsideLine(`${where}: ${cautious(what)}`, 300)] : []));

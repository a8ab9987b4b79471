import { z } from "zod";
import { confidenceWords } from "../incident/confidence.ts";
import type { IncidentAudit } from "../durable/audit.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { type Analysis, lookedAt, verdicts } from "../incident/finding.ts";
import { noModelReason } from "../report/work-words.ts";
import { revisionOf } from "../report/correction.ts";
import { plain } from "../report/text.ts";
import { changeByPeopleWords, proofWords } from "../report/proof-words.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { toStatus } from "../report/status.ts";
import { toTimeline } from "../report/timeline.ts";
import { viewOf } from "../incident/view.ts";
import type { EvidenceEntry } from "../store/evidence.ts";
import { auditExportSchema, exportAudit } from "./audit-export.ts";
import { evidencePath, incidentPath, iso, webUrl } from "./html.ts";
import { exportInvestigation, investigationExportSchema } from "./investigation-export.ts";

const instant = z.iso.datetime();
const service = z.string().nullable();
const evidence = z.array(z.number().int().positive());
const reason = z.object({ text: z.string(), evidence, quote: z.string().nullable() });
const change = z.object({
  kind: z.enum(["deploy", "rollback", "flag", "config", "migration", "commit", "pull-request", "other"]),
  at: instant.nullable(),
  service,
  title: z.string(),
  sha: z.string().nullable(),
  previousSha: z.string().nullable(),
  version: z.string().nullable(),
  repository: z.string().nullable(),
  author: z.string().nullable(),
  pullRequest: z.object({ number: z.number(), title: z.string(), url: z.string() }).nullable(),
  link: z.string().nullable(),
});

/** What `GET /incidents/:id.json` answers. All instants are ISO 8601, UTC. New fields may be added; none is taken away within `/1`. */
export const incidentExportSchema = z.object({
  format: z.literal("midwatch-incident/1"),
  id: z.string(),
  url: z.string(),
  exportedAt: instant,
  status: z.object({
    state: z.enum(["reading", "brief", "finding", "fix", "resolved"]),
    headline: z.string(),
    title: z.string(),
    service,
    severity: z.string().nullable(),
    assignees: z.array(z.string()),
    pager: z.object({
      name: z.string(),
      number: z.number().nullable(),
      status: z.enum(["triggered", "acknowledged", "resolved"]),
      link: z.string().nullable(),
    }),
    /** When midwatch first heard of it. */
    openedAt: instant,
    pagedAt: instant.nullable(),
    onset: instant.nullable(),
    firstWordsAt: instant.nullable(),
    briefAt: instant.nullable(),
    findingAt: instant.nullable(),
    fixAt: instant.nullable(),
    finished: z.boolean(),
  }),
  /** What the data alone say. */
  finding: z
    .object({
      verdict: z.enum(verdicts),
      because: z.string(),
      symptoms: z.array(
        z.object({
          service: z.string(),
          what: z.string(),
          before: z.number().nullable(),
          now: z.number().nullable(),
          unit: z.string().nullable(),
          since: instant.nullable(),
          evidence,
          /** When it was as bad before, and then recovered. */
          earlierPeak: z.object({ at: instant.nullable(), value: z.number() }).nullable(),
        }),
      ),
      suspects: z.array(
        z.object({
          service: z.string(),
          instance: z.string().nullable(),
          fault: z.string().nullable(),
          probability: z.number().min(0).max(1),
          likelihood: z.string(),
          onset: instant.nullable(),
          change: change.nullable(),
          reasons: z.array(reason),
        }),
      ),
      ruledOut: z.array(z.object({ what: z.string(), why: z.string(), evidence })),
      /** Looked at, and where it usually lies. */
      asUsual: z.array(z.object({ what: z.string(), why: z.string(), evidence })),
      /** Went live before; neither blamed nor proven innocent. */
      unproven: z.array(z.object({ what: z.string(), why: z.string(), evidence })).optional(),
      /** Trouble that nothing links to the page. */
      elsewhere: z.array(z.object({ service: z.string(), since: instant.nullable(), why: z.string(), evidence })).optional(),
      /** Services that fail alike: what they share is to blame. */
      together: z.array(z.string()).optional(),
      /** Sources that did not answer in full, so that nothing is called likely. */
      unread: z.array(z.string()).optional(),
      consequences: z.array(z.object({ service: z.string(), onset: instant.nullable() })),
      /** What sources that answered after the brief changed of what it said, in words. Missing: nothing. */
      corrected: z.string().optional(),
    })
    .nullable(),
  /** What a model did and found; null where none was asked. */
  investigation: investigationExportSchema.nullable(),
  /** Why the report comes from the data alone; null where a model took part or still will. */
  withoutModel: z.string().nullable(),
  coverage: z.array(
    z.object({
      source: z.string(),
      status: z.enum(["read", "empty", "sampled", "failed", "timed-out", "not-asked", "not-configured"]),
      detail: z.string().nullable(),
      tookMs: z.number().nullable(),
      evidence,
      /** Kinds of data that it did not bring in full. */
      unread: z.array(z.enum(["metrics", "logs", "traces", "changes"])).optional(),
      /** It had not answered when the brief was due, and is read on. */
      pending: z.boolean().optional(),
    }),
  ),
  runbooks: z.array(z.object({ name: z.string(), title: z.string(), steps: z.array(z.string()), doNot: z.string().nullable() })),
  pullRequest: z
    .object({
      kind: z.enum(["revert", "patch"]),
      repository: z.string(),
      number: z.number(),
      url: z.string(),
      branch: z.string(),
      draft: z.boolean(),
      title: z.string(),
      files: z.array(z.string()),
      /** What the repository's own CI shows. */
      proof: z.object({ verdict: z.string(), words: z.string() }).nullable(),
      changedByPeople: z.string().nullable(),
    })
    .nullable(),
  /** Why there is no pull request, where midwatch decided against one. */
  noPullRequestBecause: z.string().nullable(),
  /** A pull request that waits for a person's button: offered and not asked for. */
  offeredPullRequest: z.object({ kind: z.enum(["revert", "patch"]), because: z.string() }).nullable(),
  failures: z.array(z.object({ step: z.string(), error: z.string(), attempts: z.number() })),
  timeline: z.array(
    z.object({
      at: instant,
      learnedAt: instant,
      kind: z.enum(["change", "signal", "page", "person", "midwatch", "fix", "note"]),
      service,
      text: z.string(),
      detail: z.string().nullable(),
      links: z.array(z.object({ title: z.string(), url: z.string() })),
      evidence,
    }),
  ),
  /** null where none is kept. */
  audit: auditExportSchema.nullable(),
  evidence: z.array(
    z.object({
      number: z.number().int().positive(),
      source: z.string(),
      query: z.string(),
      from: instant.nullable(),
      to: instant.nullable(),
      link: z.string().nullable(),
      cut: z.string().nullable(),
      url: z.string(),
    }),
  ),
});

export type IncidentExport = z.infer<typeof incidentExportSchema>;

export interface ExportInput {
  readonly id: string;
  readonly log: readonly LoggedEvent[];
  readonly evidence: readonly EvidenceEntry[];
  readonly audit: IncidentAudit | null;
  readonly now: number;
  /** Where people reach midwatch, without a slash at its end. */
  readonly origin: string;
  /** Why no model takes part by the settings of today, or null where one does. */
  readonly withoutModel: string | null;
}

// For instants of our own clock, which are never nonsense.
const ownIso = (at: number): string => iso(at) ?? new Date(0).toISOString();

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function exportChange(one: ChangeEvent): z.infer<typeof change> {
  const { kind, at, service: of, title, sha, previousSha, version, repository, author, pullRequest, link } = one;
  const pull = pullRequest === null ? null : { ...pullRequest };
  return { kind, at: iso(at), service: of, title, sha, previousSha, version, repository, author, pullRequest: pull, link };
}

/** What an analysis leaves open; of older ones nothing is known. */
const exportOpen = ({ unproven, elsewhere, together, unread }: Analysis) => ({
  ...(unproven && { unproven: unproven.map((one) => ({ what: one.what, why: one.why, evidence: [...one.evidence] })) }),
  ...(elsewhere && {
    elsewhere: elsewhere.map((one) => ({ service: one.service, since: iso(one.since), why: one.why, evidence: [...one.evidence] })),
  }),
  ...(together && { together: [...together] }),
  ...(unread && { unread: [...unread] }),
});

/** Everything that people saw of an incident, for other programs. */
export function exportIncident({ id, log, evidence: ledger, audit, now, origin, withoutModel }: ExportInput): IncidentExport {
  const view = viewOf(log);
  const status = toStatus(log);
  const { analysis, fix } = view;
  const revision = revisionOf(view);
  return {
    format: "midwatch-incident/1",
    id,
    url: `${origin}${incidentPath(id)}`,
    exportedAt: ownIso(now),
    status: {
      state: status.state,
      headline: status.headline,
      title: status.title,
      service: status.service,
      severity: status.severity,
      assignees: [...status.assignees],
      pager: { ...status.pager },
      openedAt: ownIso(status.openedAt),
      pagedAt: iso(status.pagedAt),
      onset: iso(status.onset),
      firstWordsAt: iso(status.firstWordsAt),
      briefAt: iso(status.briefAt),
      findingAt: iso(status.findingAt),
      fixAt: iso(status.fixAt),
      finished: status.finished,
    },
    finding:
      analysis === null
        ? null
        : {
            verdict: analysis.verdict,
            because: analysis.because,
            symptoms: analysis.symptoms.map((one) => ({
              ...one,
              before: finite(one.before),
              now: finite(one.now),
              since: iso(one.since),
              evidence: [...one.evidence],
              earlierPeak: one.earlierPeak === undefined ? null : { at: iso(one.earlierPeak.at), value: one.earlierPeak.value },
            })),
            suspects: analysis.suspects.map((one) => ({
              service: one.service,
              instance: one.instance,
              fault: one.fault,
              probability: one.probability,
              likelihood: confidenceWords(one.probability),
              onset: iso(one.onset),
              change: one.change === null ? null : exportChange(one.change),
              reasons: one.reasons.map((why) => ({ text: why.text, evidence: [...why.evidence], quote: why.quote })),
            })),
            ruledOut: analysis.ruledOut.map((one) => ({ what: one.what, why: one.why, evidence: [...one.evidence] })),
            asUsual: lookedAt(analysis).map((one) => ({ what: one.what, why: one.why, evidence: [...one.evidence] })),
            ...exportOpen(analysis),
            consequences: analysis.consequences.map((one) => ({ service: one.service, onset: iso(one.onset) })),
            ...(revision.length === 0 ? {} : { corrected: plain(revision) }),
          },
    investigation: exportInvestigation(view, log),
    withoutModel: noModelReason(view, withoutModel),
    coverage: view.coverage.map(({ tools: _tools, unread, ...line }) => ({
      ...line,
      evidence: [...line.evidence],
      ...(unread === undefined ? {} : { unread: [...unread] }),
    })),
    runbooks: (view.triage?.runbooks ?? []).map((book) => ({
      name: book.name,
      title: book.title,
      steps: [...book.steps],
      doNot: book.doNot ?? null,
    })),
    pullRequest:
      fix?.type === "fix-proposed"
        ? {
            kind: fix.kind,
            repository: fix.repository,
            number: fix.number,
            url: fix.url,
            branch: fix.branch,
            draft: fix.draft,
            title: fix.title,
            files: fix.files.map((file) => file.path),
            proof: view.proof === null ? null : { verdict: view.proof.verdict, words: proofWords(view.proof, fix.base.branch) },
            changedByPeople: view.fixChange === null ? null : changeByPeopleWords(view.fixChange.what, view.fixChange.by),
          }
        : null,
    noPullRequestBecause: fix?.type === "fix-declined" ? fix.because : null,
    offeredPullRequest: view.offered === null ? null : { kind: view.offered.kind, because: view.offered.because },
    failures: view.failures.map((failure) => ({ step: failure.step, error: failure.error, attempts: failure.attempt })),
    timeline: toTimeline(log).map((entry) => ({
      at: ownIso(entry.at),
      learnedAt: ownIso(entry.learnedAt),
      kind: entry.kind,
      service: entry.service,
      text: entry.text,
      detail: entry.detail,
      links: entry.links.flatMap(({ title, url }) => (webUrl(url) === null ? [] : [{ title, url }])),
      evidence: [...entry.evidence],
    })),
    audit: audit === null ? null : exportAudit(audit),
    evidence: ledger.map((entry) => ({
      number: entry.number,
      source: entry.source,
      query: entry.query,
      from: iso(entry.from),
      to: iso(entry.to),
      link: webUrl(entry.link),
      cut: entry.cut,
      url: `${origin}${evidencePath(id, entry.number)}`,
    })),
  };
}

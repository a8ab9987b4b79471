import { LIKELY } from "../incident/confidence.ts";
import { type Analysis, culpritOf, type FaultClass, type Reason, type Suspect } from "../incident/finding.ts";
import type { ChangeEvent, ChangeKind } from "../incident/telemetry.ts";
import { type RunbookChange, runbookChanges, type RunbookFacts, type TroubleKind } from "../incident/trouble.ts";
import { isMigration } from "../incident/migration.ts";
import { describe } from "./change.ts";
import { isTrouble } from "./log-trouble.ts";
import { type Resource, readSignal } from "./signal-kind.ts";

/** Reasons of Kubernetes and RDS events, codes of operating systems, resolvers and databases, and how runtimes name the same. */
const CODES: readonly (readonly [RegExp, TroubleKind])[] = [
  [/OOMKill|oom-killer|exit code 137|OutOfMemory|out of memory|Java heap space|ENOMEM|cannot allocate memory/i, "out-of-memory"],
  [/exceeded quota|ResourceExhausted|QuotaExceeded|insufficient quota/i, "quota"],
  [/FailedScheduling|Insufficient (?:cpu|memory)|Unschedulable/i, "scheduling"],
  [/ErrImagePull|ImagePullBackOff|InvalidImageName/i, "image"],
  [/ENOSPC|no space left on device|DiskPressure|disk full|storage.{0,40}full/i, "disk"],
  [/NXDOMAIN|SERVFAIL|ENOTFOUND|EAI_AGAIN|no such host|getaddrinfo|name resolution/i, "dns"],
  [/x509|CERT_HAS_EXPIRED|certificate (?:has expired|verify failed|is not valid)|SSLHandshake|ERR_TLS/i, "certificate"],
  [
    /too many (?:clients|connections)|connection slots|\b53300\b|pool (?:is |was )?exhausted|pool timed? ?out|ConnectionPool.{0,20}Timeout/i,
    "connections",
  ],
  [/\b(?:40P01|55P03|1205|1213)\b|deadlock|lock wait timeout|lock timeout/i, "locks"],
  [/replica(?:tion)? lag|lag has exceeded/i, "replication"],
  [/CrashLoopBackOff|Back-?off restarting|exit code [1-9]/i, "crash"],
  [/Liveness|Readiness|Startup probe failed|Unhealthy/i, "probe"],
];

const RESOURCES: Readonly<Partial<Record<Resource, TroubleKind>>> = {
  cpu: "cpu",
  memory: "memory",
  network: "network",
  disk: "disk",
  connections: "connections",
  queue: "queue",
  replication: "replication",
  restarts: "crash",
  cache: "cache",
  locks: "locks",
};
/** Resources that a whole service leans on, and whose figures move with much else: named only where the fault is theirs. */
const OWN_FAULT: Readonly<Partial<Record<TroubleKind, readonly FaultClass[]>>> = {
  cpu: ["cpu"],
  memory: ["memory"],
  network: ["network"],
  crash: ["error", "code", "config", "memory"],
};
const BY_CODE: Readonly<Record<string, TroubleKind>> = {
  "outside-fails": "vendor",
  "lock-holder": "locks",
  "lock-waits": "locks",
  "waits-for-lock": "locks",
  "statement-heavy": "statement",
  "connections-taken": "connections",
  "log-writer": "replication",
  "time-lost": "network",
};
/** Reasons about a metric, and those that quote a line. */
const OF_METRICS = new Set(["level-moved", "grows", "near-limit", "over-threshold", "main-part"]);
const OF_LINES = new Set(["event", "log-new", "log-surged", "error-new"]);

/** What goes wrong, by one reason; null: it does not say. @param fault of the whole suspect */
export function kindOf({ code, about, quote, text }: Reason, fault: FaultClass | null): TroubleKind | null {
  if (code === undefined) return null;
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (OF_LINES.has(code)) {
    const line = [...(about ?? []), quote ?? "", code === "event" ? text : ""].join("\n").slice(0, 1000);
    return CODES.find(([words]) => words.test(line))?.[1] ?? null;
  }
  if (!OF_METRICS.has(code)) return null;
  const resource = readSignal(about?.[0] ?? "", null).resource;
  const kind = resource === null ? undefined : RESOURCES[resource];
  const faults = kind === undefined ? undefined : OWN_FAULT[kind];
  return kind === undefined || (faults !== undefined && (fault === null || !faults.includes(fault))) ? null : kind;
}

/** Facts below these say more of what follows from the trouble than of the trouble. */
const STRONGEST = 3;
const MOST_KINDS = 2;

function troubleOf(suspect: Suspect): TroubleKind[] {
  const kinds = suspect.reasons.slice(0, STRONGEST).map((reason) => kindOf(reason, suspect.fault));
  const found = [...new Set(kinds.filter((kind) => kind !== null))];
  // A process that was killed for its memory also restarts, fails its probes and fills its memory first.
  const follows: readonly TroubleKind[] = found.includes("out-of-memory")
    ? ["crash", "probe", "memory"]
    : found.includes("crash")
      ? ["probe"]
      : [];
  if (found.length === 0) {
    const shown = suspect.reasons.slice(0, STRONGEST).flatMap(showsAs).slice(0, 1);
    return shown.length === 0 && suspect.fault === "cpu" ? ["cpu"] : shown;
  }
  return found.filter((kind) => !follows.includes(kind)).slice(0, MOST_KINDS);
}

const FAILS = new Set(["errors-begin", "ends-early", "run-stops", "cut-off", "error-new", "error-seen"]);
const SLOWS = new Set(["own-time-grew", "slowest-requests"]);

/** Whether a reason is about requests that fail or that are slow. */
function showsAs({ code = "", about, quote }: Reason): TroubleKind[] {
  if (FAILS.has(code)) return ["errors"];
  if (SLOWS.has(code)) return ["slow"];
  if (code === "log-new" || code === "log-surged")
    return isTrouble(null, quote ?? "") || /[a-z](?:Error|Exception)\b/.test(quote ?? "") ? ["errors"] : [];
  if (code !== "carries-trouble" && code !== "level-moved") return [];
  const { kind } = readSignal(about?.[0] ?? "", null);
  return kind === "errors" || kind === "availability" ? ["errors"] : kind === "latency" ? ["slow"] : [];
}

/** What a page claims to be wrong, where it names a thing that can be. */
function claimed(text: string): TroubleKind[] {
  const code = CODES.find(([words]) => words.test(text))?.[1];
  if (code !== undefined) return [code];
  const resource = readSignal(text, null).resource;
  const kind = resource === null ? undefined : RESOURCES[resource];
  return kind === undefined ? [] : [kind];
}

const LIVE: ReadonlySet<ChangeKind> = new Set(runbookChanges);
const isRunbookChange = (kind: ChangeKind): kind is RunbookChange => LIVE.has(kind);
/** A deploy that carries migrations alone is one. */
function kindOfChange({ kind, files }: ChangeEvent): RunbookChange | null {
  if (kind === "deploy" && files !== null && files.length > 0 && files.every(({ path }) => isMigration(path))) return "migration";
  return isRunbookChange(kind) ? kind : null;
}

/** As far back as a change is near enough to be asked about. */
const NEAR_MS = 3_600_000;

/**
 * What an analysis says that decides which runbook fits.
 * @param paged the paged service, as the catalog names it
 * @param page its title, and when it came
 */
export function runbookFacts(
  analysis: Analysis,
  paged: string,
  page: { readonly title: string; readonly at: number },
  changes: readonly ChangeEvent[],
): RunbookFacts {
  const suspect = culpritOf(analysis);
  const blamed = suspect?.change != null && suspect.probability >= LIKELY ? kindOfChange(suspect.change) : null;
  const concerned = new Set([paged, ...(suspect === null ? [] : [suspect.service, suspect.change?.service ?? suspect.service])]);
  const innocent = new Set(analysis.ruledOut.map(({ what }) => what));
  const from = (suspect?.onset ?? analysis.onset ?? page.at) - NEAR_MS;
  const isNear = (change: ChangeEvent) =>
    isRunbookChange(change.kind) &&
    change.at >= from &&
    change.at <= page.at &&
    (change.service === null || concerned.has(change.service)) &&
    !innocent.has(describe(change));
  return {
    trouble: suspect === null ? claimed(page.title) : troubleOf(suspect),
    change: blamed,
    mayBeChange: suspect?.change != null || changes.some(isNear),
    isOwn: suspect === null ? null : suspect.service === paged,
  };
}

import type { DatabaseSessions, SessionGroup, StatementLoad } from "../incident/database.ts";
import type { FaultClass, RuledOut } from "../incident/finding.ts";
import type { Telemetry } from "../incident/telemetry.ts";
import { figure, quantity } from "../report/words.ts";
import type { CallGraph } from "./call-graph.ts";
import { type Clue, saturating } from "./clue.ts";
import { limitInTexts } from "./limit.ts";
import { LOOKBACK_MS } from "./period.ts";
import { duration, shorten } from "./words.ts";

/** A statement that takes less of the database's time is one of several. */
const MOST = 0.5;
/** Sessions that run one statement at once: from here on they pile up. */
const PILE = 8;
/** An index gives a row for a few blocks (its depth is three or four); this many is a scan of much that is thrown away. */
const MANY_BLOCKS = 100;
/** As for other resources: from this share of the limit on, connections are short. */
const NEAR_LIMIT = 0.8;
/** Shorter waits for locks are everyday. */
const LONG_TRANSACTION_MS = 1_000;
/** A replica that is this far behind does not keep up. */
const LAG_MS = 30_000;
const LAG_BYTES = 1_073_741_824;
const LAG_WORDS = /replica(?:tion)?[ -]?lag|replay[ -]lag|lag(?:s|ging)? behind|behind (?:its|the) primary/i;

/** Placeholders as the sessions' statements have them, so that one statement is known in both views; the views cut at different lengths. */
const sameness = (query: string): string =>
  query
    .replaceAll(/\$\d+/g, "?")
    .replaceAll(/\s+/g, " ")
    .toLowerCase()
    .slice(0, 300)
    .replace(/;? ?…?$/, "");

const runs = (group: SessionGroup, statement: StatementLoad): boolean => sameness(group.query) === sameness(statement.query);
const isActive = (group: SessionGroup) => group.state === "active";
const count = (groups: readonly SessionGroup[]) => groups.reduce((sum, group) => sum + group.sessions, 0);
const percent = (share: number) => `${figure(share * 100)} %`;
const inCode = (query: string) => `\`${shorten(query, 200).replaceAll("`", "'")}\``;

/** Verbatim in the answer: a statement of which a literal was replaced, or that JSON writes otherwise, is not. */
const quoteOf = (query: string): string | null => (/[?"\\…]/.test(query) ? null : query.slice(0, 300));

/** What the sessions of a group mostly wait for, and the fault it speaks of. */
function spentOn(groups: readonly SessionGroup[]): { fault: FaultClass; on: string; words: string } {
  const kinds = new Map<string, number>();
  for (const { wait, sessions } of groups) {
    const kind = wait === null ? "" : (wait.split(":")[0] ?? "");
    kinds.set(kind, (kinds.get(kind) ?? 0) + sessions);
  }
  const [kind, sessions] = [...kinds].toSorted(([, a], [, b]) => b - a)[0] ?? ["", 0];
  switch (kind) {
    case "":
      return { fault: "cpu", on: "cpu", words: `${figure(sessions)} of them on the CPU` };
    case "Lock":
      return { fault: "latency", on: "locks", words: `${figure(sessions)} of them wait for locks` };
    case "IO":
      return { fault: "overload", on: "disk", words: `${figure(sessions)} of them wait for the disk` };
    default:
      return { fault: "overload", on: kind, words: `${figure(sessions)} of them wait for ${kind}` };
  }
}

const bytes = (value: number) => quantity(value, "byte");

function heavyStatement(statement: StatementLoad, sessions: DatabaseSessions | undefined): Omit<Clue, "service"> | null {
  if (statement.share < MOST || statement.calls <= 0) return null;
  const running = sessions?.groups.filter((group) => isActive(group) && runs(group, statement)) ?? [];
  const now = count(running);
  const blocks = statement.blocksHit + statement.blocksRead;
  const perRow = blocks / Math.max(1, statement.rows);
  const [lack] = statement.unindexed;
  const wasteful = !statement.aggregates && perRow >= MANY_BLOCKS;
  // Counters are as old as their last reset: only running sessions show that it is so now.
  const weight =
    lack === undefined
      ? wasteful && now >= PILE && now >= 0.5 * (sessions?.active ?? 0)
        ? 1.5
        : 0
      : sessions === undefined
        ? 1.5
        : saturating(now, 2, 4);
  if (weight === 0) return null;
  const spent = spentOn(running);
  const told = [
    `${inCode(statement.query)} takes ${percent(statement.share)} of the statement time of database ${statement.database}`,
    lack === undefined
      ? ""
      : ` and has no index to use: no index of table ${lack.table} begins with ${lack.columns.length === 1 ? "the filtered column" : "one of the filtered columns"} ${lack.columns.join(", ")}, so each call is a sequential scan`,
    `; ${figure(statement.calls)} calls of ${duration(statement.meanMs)} on average, ${figure(blocks / statement.calls)} blocks a call`,
    statement.aggregates || statement.rows <= 0 ? "" : ` (${figure(perRow)} a row)`,
    now === 0 ? "" : `; ${figure(now)} of ${figure(sessions?.active ?? now)} active sessions run it now, ${spent.words}`,
  ];
  return {
    instance: null,
    fault: running.length === 0 ? "latency" : spent.fault,
    family: "statement",
    code: "statement-heavy",
    about: [statement.query, ...(now === 0 ? [] : [spent.on])],
    weight: weight * statement.share,
    onset: null,
    text: told.join(""),
    evidence: [statement.evidence, ...(sessions === undefined || now === 0 ? [] : [sessions.evidence])],
    quote: quoteOf(statement.query),
  };
}

/** How the replica is known to lag, in words with its evidence; null: nothing says that it does. */
function lagOf(telemetry: Telemetry, sessions: DatabaseSessions | undefined): { words: string; evidence: readonly number[] } | null {
  const late = sessions?.replicas?.find(({ lagMs, lagBytes }) => (lagMs ?? 0) >= LAG_MS || (lagBytes ?? 0) >= LAG_BYTES);
  if (sessions !== undefined && late !== undefined) {
    const by = [late.lagMs === null ? "" : duration(late.lagMs), late.lagBytes === null ? "" : bytes(late.lagBytes)].filter(
      (word) => word !== "",
    );
    return { words: `replica ${late.name} is ${by.join(" and ")} behind`, evidence: [sessions.evidence] };
  }
  const { page } = telemetry;
  const event = telemetry.events.findLast(
    ({ at, title, text }) => at >= page.at - LOOKBACK_MS && LAG_WORDS.test(`${title} ${text}`.slice(0, 4_000)),
  );
  if (event !== undefined) return { words: "its replica lags, as the event says", evidence: [event.evidence] };
  return LAG_WORDS.test(`${page.title} ${page.details}`.slice(0, 4_000))
    ? { words: "its replica lags, as the page says", evidence: [] }
    : null;
}

function logWriter(statement: StatementLoad, sessions: DatabaseSessions | undefined, telemetry: Telemetry): Omit<Clue, "service"> | null {
  if (statement.effect !== "writes" || statement.walShare < MOST || statement.walBytes <= 0) return null;
  const lag = lagOf(telemetry, sessions);
  if (lag === null) return null;
  const running = sessions?.groups.filter((group) => isActive(group) && runs(group, statement)) ?? [];
  const waiting = count(running.filter(({ wait }) => /^(WAL|IO:WAL|LWLock:WAL|IPC:SyncRep)/.test(wait ?? "")));
  const now = count(running);
  return {
    instance: null,
    fault: "overload",
    family: "statement",
    code: "log-writer",
    about: [statement.query, "replication lag"],
    weight: (3.5 + (waiting >= 3 ? 0.5 : 0)) * statement.walShare,
    onset: null,
    text: [
      `${inCode(statement.query)} writes ${percent(statement.walShare)} of the write-ahead log (WAL) of database ${statement.database}: `,
      `${bytes(statement.walBytes)} in ${figure(statement.calls)} calls, ${bytes(statement.walBytes / Math.max(1, statement.calls))} each`,
      now === 0 ? "" : `; ${figure(now)} active sessions run it now${waiting === 0 ? "" : `, ${figure(waiting)} of them wait for the WAL`}`,
      `; ${lag.words}: it must replay all of it (replication lag)`,
    ].join(""),
    evidence: [statement.evidence, ...(sessions === undefined || now === 0 ? [] : [sessions.evidence]), ...lag.evidence],
    quote: quoteOf(statement.query),
  };
}

function connectionClue(sessions: DatabaseSessions, texts: readonly string[]): Omit<Clue, "service"> | null {
  const { sessions: all, active, idle, idleInTransaction } = sessions;
  if (all === 0) return null;
  const limit = sessions.maxConnections ?? limitInTexts(texts, all);
  const share = limit === null ? null : all / limit;
  const resting = sessions.groups.filter(({ state }) => state.startsWith("idle"));
  const inTransaction = idleInTransaction >= idle;
  const many = idle + idleInTransaction >= 0.5 * all;
  // Pools keep idle sessions on purpose; nobody keeps open transactions on purpose.
  const leak = idleInTransaction >= 10 && idleInTransaction >= 0.5 * all;
  let weight = 0;
  if (share !== null && share >= NEAR_LIMIT)
    weight = (1 + 3 * Math.min(1, (share - NEAR_LIMIT) / (1 - NEAR_LIMIT))) * (many && inTransaction ? 1 : many ? 0.8 : 0.6);
  else if (leak) weight = share === null ? 2.5 : 1.5;
  if (weight === 0) return null;
  const applications = Map.groupBy(resting, ({ application, user }) => JSON.stringify([application, user]));
  const [holder] = [...applications.values()].toSorted((a, b) => count(b) - count(a));
  const first = holder?.[0];
  const oldest = resting.reduce((most, { longestMs }) => Math.max(most, longestMs ?? 0), 0);
  const taken =
    limit === null
      ? `${figure(all)} client sessions are connected to ${sessions.database}`
      : `${figure(all)} of ${figure(limit)} connections (max_connections) of ${sessions.database} are taken`;
  const state = inTransaction ? "idle in transaction" : "idle";
  const rest =
    !many || first === undefined || holder === undefined
      ? `; ${figure(active)} of them are active: statements pile up`
      : `; ${figure(inTransaction ? idleInTransaction : idle)} of these sessions are ${state}${first.wait === null ? "" : ` (${first.wait})`}${
          oldest > 0 ? `, the oldest transaction for ${duration(oldest)}` : ""
        }; most, ${figure(count(holder))}, belong to application "${shorten(first.application, 40) || "unnamed"}", user ${shorten(first.user, 40)}${
          first.query === "" ? "" : `, and last ran ${inCode(first.query)}`
        }: the client ${inTransaction ? "opens transactions and does not end them (a connection leak)" : "or its pool keeps sessions that it does not use"}`;
  return {
    instance: null,
    fault: "overload",
    family: "sessions",
    code: "connections-taken",
    about: [sessions.database, "max_connections"],
    weight,
    onset: null,
    text: taken + rest,
    evidence: [sessions.evidence],
    quote: null,
  };
}

function lockClue(sessions: DatabaseSessions): Omit<Clue, "service"> | null {
  const blocker = sessions.blockers.find(({ transactionMs }) => transactionMs === null || transactionMs >= LONG_TRANSACTION_MS);
  const clue = { instance: null, fault: "latency", family: "sessions", onset: null, evidence: [sessions.evidence], quote: null } as const;
  if (blocker !== undefined) {
    const since = blocker.transactionMs === null ? "" : ` for ${duration(blocker.transactionMs)}`;
    return {
      ...clue,
      code: "lock-holder",
      about: [sessions.database, "locks", blocker.query],
      weight: saturating(blocker.behind, 2, 4),
      text: `session ${blocker.pid} of application "${shorten(blocker.application, 40) || "unnamed"}", user ${shorten(blocker.user, 40)}, holds locks in ${sessions.database}${since} (${blocker.state}, ${
        blocker.state === "active" ? "runs" : "last ran"
      } ${inCode(blocker.query)}), and ${figure(blocker.behind)} ${blocker.behind === 1 ? "session waits" : "sessions wait"} behind it, for example with ${inCode(blocker.waiting)}`,
    };
  }
  const waiting = sessions.groups.filter((group) => isActive(group) && group.wait?.startsWith("Lock:") === true);
  const [most] = waiting;
  const waiters = count(waiting);
  if (most === undefined || waiters < 3 || waiters < 0.5 * sessions.active) return null;
  const holders = sessions.groups.filter(({ state, longestMs }) => state.startsWith("idle in transaction") && longestMs !== null);
  const [oldest] = holders.toSorted((a, b) => (b.longestMs ?? 0) - (a.longestMs ?? 0));
  return {
    ...clue,
    code: "lock-waits",
    about: [sessions.database, "locks", most.query],
    weight: saturating(waiters, 4, 3),
    text: `${figure(waiters)} of ${figure(sessions.active)} active sessions of ${sessions.database} wait for locks (${most.wait}), most with ${inCode(most.query)}${
      oldest === undefined
        ? ""
        : `; the oldest open transaction is idle for ${duration(oldest.longestMs ?? 0)}, user ${shorten(oldest.user, 40)}, last ran ${inCode(oldest.query)}`
    }`,
  };
}

/**
 * Clues in what a database says of itself: a statement that takes most of its time without an index, the statement that writes most of the log
 * while a replica lags, connections near their limit, and sessions that wait for one another. They speak for the database's own service.
 */
export function statementClues(telemetry: Telemetry, graph: CallGraph): Clue[] {
  const { page, monitors, events } = telemetry;
  const clues: Clue[] = [];
  const bySessions = new Map(telemetry.sessions.map((sessions) => [sessions.database, sessions]));
  const add = (service: string, clue: Omit<Clue, "service"> | null) => {
    if (clue !== null) clues.push({ ...clue, service: graph.canonical(service) });
  };
  for (const statement of telemetry.statements) {
    const sessions = bySessions.get(statement.database);
    add(statement.service, heavyStatement(statement, sessions));
    add(statement.service, logWriter(statement, sessions, telemetry));
  }
  const texts = [
    `${page.title} ${page.details}`,
    ...monitors.map(({ name, message }) => `${name} ${message}`),
    ...events.slice(-200).map(({ title, text }) => `${title} ${text}`),
  ];
  for (const sessions of telemetry.sessions) {
    add(sessions.service, connectionClue(sessions, texts));
    add(sessions.service, lockClue(sessions));
  }
  return clues;
}

/** Statements that are heavy and yet no part of what a clue found: reported, so that nobody goes after them. */
export function innocentStatements(telemetry: Telemetry): RuledOut[] {
  const ruledOut: RuledOut[] = [];
  for (const writer of telemetry.statements) {
    const sessions = telemetry.sessions.find(({ database }) => database === writer.database);
    if (logWriter(writer, sessions, telemetry) === null) continue;
    for (const other of telemetry.statements) {
      if (other.database !== writer.database || other.effect !== "reads" || other.walShare >= 0.05 || other.share < 0.1) continue;
      ruledOut.push({
        what: `statement ${inCode(other.query)}`,
        why: `${percent(other.share)} of the database's time, but ${other.walBytes > 0 ? percent(other.walShare) : "nothing"} of its write-ahead log: a replica does not lag because of it`,
        evidence: [other.evidence],
      });
    }
  }
  return ruledOut;
}

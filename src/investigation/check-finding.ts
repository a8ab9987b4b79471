import { clockTime, evidenceMark } from "../incident/words.ts";
import type { FaultClass } from "../incident/finding.ts";
import type { ChangeEvent } from "../incident/telemetry.ts";
import { placesOf, scan, type ServiceNames, servicesIn, type Sightings, sightingsOf, type Token, turned } from "./figures.ts";
import { cutWords, LINK_REMOVED, plainLine } from "./plain.ts";
import { isVerbatim, nameFinder, readable, SHORTEST_QUOTE } from "./quotes.ts";
import { LIMITS, type SubmittedFinding } from "./submitted-finding.ts";

/** What the checks may read of the evidence ledger. */
export interface CheckLedger {
  /** null: there is no such number. */
  entry(
    number: number,
  ): { readonly source: string; readonly query: string; readonly from: number | null; readonly to: number | null } | null;
  raw(number: number): Promise<string | null>;
  /** Texts that tools computed from this evidence and put before the model. */
  views(number: number): readonly string[];
}

/** What code knows for certain of the incident. Instants are epoch milliseconds. */
export interface CheckContext {
  readonly pagedService: string;
  readonly pagedAt: number;
  /** null where analysis found none: then a change must be older than the page. */
  readonly onset: number | null;
  /** The catalog's services with their names elsewhere. */
  readonly services: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly changes: readonly ChangeEvent[];
  /** Shas, versions or `#number` of what was read as a diff. */
  readonly diffsRead: readonly string[];
  /** Triage's likely suspects: each is the cause or has to be ruled out. `change`: sha or version. */
  readonly alternatives: readonly { readonly service: string; readonly change: string | null; readonly probability: number }[];
  /** Other names that may be said without evidence: instances, people, repositories. */
  readonly names: readonly string[];
  /** Hosts that links may lead to, lower case. */
  readonly hosts: readonly string[];
  /** Names of the runbooks that match this incident. */
  readonly runbooks: readonly string[];
}

/** One thing that does not hold, in sentences that the model can act on. */
export interface Problem {
  /** "claims[2].quotes[0]" */
  readonly where: string;
  readonly what: string;
  readonly fix: string;
}

export interface CheckedFinding {
  /** Whether all of it resolved. */
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** What may be posted: the finding without what does not resolve, bounded, in plain text. */
  readonly cleaned: SubmittedFinding;
}

/** The parts of the confidence rule; see `boundedConfidence`. */
export const CONFIDENCE = { highest: 0.95, oneSource: 0.8, gaps: 0.6, noChange: 0.5, inconclusive: 0.4 } as const;

/** Most evidence entries that one finding may cite, together: each is read whole. */
const MOST_EVIDENCE = 40;
const MOST_PROBLEMS = 30;
/** Figures and names in one text: each is looked for in whole answers. */
const MOST_TOKENS = 30;
const LONGEST_VIEWS = 400_000;
/** Characters of one raw answer, and of all together, that are looked through: each is held in several forms. */
const LONGEST_RAW = 8_000_000;
const MOST_RAW = 24_000_000;
/** Characters that all lookups of one finding may go through: a few seconds of work. */
const MOST_LOOKED_AT = 1_000_000_000;
/** After so many of them whatever else waits gets its turn: pages and webhooks are answered where findings are checked. */
const PAUSE_AFTER = 10_000_000;

/** Onsets are known to the minute at best, as analysis takes them: a change this close came with the onset. */
const ONSET_SLACK_MS = 60_000;

const FAULT_WORDS: Readonly<Record<FaultClass, string>> = {
  cpu: "it is short of CPU",
  memory: "it is short of memory",
  network: "a fault in its network",
  latency: "it answers slowly",
  error: "it answers with errors",
  code: "a fault in its code",
  overload: "more load than it can take",
  config: "a wrong setting",
  dependency: "a fault in something that it depends on",
};

/** One evidence entry, opened for checks. */
interface Opened {
  readonly forms: readonly string[];
  readonly viewForms: readonly string[];
  readonly sightings: readonly Sightings[];
  /** In the query, the raw answer or a view. */
  readonly names: (name: string) => boolean;
}

type Claim = SubmittedFinding["claims"][number];

const marks = (numbers: readonly number[]) => (numbers.length === 0 ? "no evidence" : numbers.map(evidenceMark).join(", "));
const shown = (text: string) => `“${cutWords(text, 120)}”`;

/** Quotation marks and code spans: what stands in them is said to be verbatim. */
const INLINE = /“([^”]{1,600})”|"([^"]{1,600})"|`([^`]{1,600})`/g;
const CLAUSE = /[;,](?=\s)|[.!?](?=\s|$)|\s(?:and|while|but|whereas|then)\s/g;
const RISES = /\b(?:rose|rises|rising|grew|grows|growing|climbed|climbs|increased|increases|jumped|jumps|went up|up from)\b/i;
const FALLS = /\b(?:fell|falls|falling|dropped|drops|decreased|decreases|shrank|went down|down from)\b/i;
const ABOUT_CHANGE = /\b(?:[Dd]eploy\w*|[Rr]ollouts?|[Rr]olled out|PR|[Pp]ull requests?|[Rr]elease v?\d\S*|[Cc]ommit [0-9a-f]{6,40})\b/;
const ABOUT_DIFF = /\b(?:diff|patch|hunk)s?\b/i;

/** Where a text's clause lies that holds `at`; a figure is taken to be about the services of its clause. */
function clauseAt(text: string, at: number): { start: number; end: number } {
  let start = 0;
  for (const found of text.matchAll(CLAUSE)) {
    if (found.index >= at) return { start, end: found.index };
    start = found.index + found[0].length;
  }
  return { start, end: text.length };
}

/** The services that a figure is about: those of its clause, else of the last clause before it that names any, else of the whole text. */
function servicesAbout(text: string, token: Token, names: ServiceNames): readonly string[] {
  const { start, end } = clauseAt(text, token.start);
  const here = servicesIn(text.slice(start, end), names);
  if (here.length > 0) return here;
  for (let before = start; before > 0;) {
    const clause = clauseAt(text, Math.max(0, before - 2));
    const there = servicesIn(text.slice(clause.start, before), names);
    if (there.length > 0) return there;
    if (clause.start >= before) break;
    before = clause.start;
  }
  return servicesIn(text, names);
}

const isPrefixOf = (short: string, long: string | null) =>
  long !== null && short.length >= 6 && /^[0-9a-f]+$/i.test(short) && long.toLowerCase().startsWith(short.toLowerCase());
const sameVersion = (one: string, other: string | null) => other !== null && one.replace(/^v/i, "") === other.replace(/^v/i, "");

/** Whether an id (sha, version, `#number`, title of a flag or setting) means this change. */
function isChange(id: string, change: ChangeEvent): boolean {
  const last = id.slice(id.lastIndexOf("@") + 1).trim();
  const number = /^(?:#|PR ?#?)(\d+)$/i.exec(last)?.[1];
  if (number !== undefined) return change.pullRequest?.number === Number(number);
  if (last === "") return false;
  return isPrefixOf(last, change.sha) || sameVersion(last, change.version) || (change.sha === null && id.trim() === change.title.trim());
}

/** What a check of one text found. `figures` and `names`: how many of each resolved. */
interface TextCheck {
  readonly problems: readonly Omit<Problem, "where">[];
  readonly resolved: number;
}

/** Everything the checks share while one finding is looked at. */
function createChecker(ledger: CheckLedger, context: CheckContext) {
  const opened = new Map<number, Promise<Opened>>();
  let rawRoom = MOST_RAW;
  let opening: Promise<unknown> = Promise.resolve();
  let lookedAt = 0;
  let pauseAt = PAUSE_AFTER;

  /** Before a lookup that goes through so many characters: whether there is still room for it. */
  async function mayLook(characters: number): Promise<boolean> {
    lookedAt += characters;
    if (lookedAt >= pauseAt) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      pauseAt = lookedAt + PAUSE_AFTER;
    }
    return lookedAt <= MOST_LOOKED_AT;
  }

  async function isNamed(names: readonly string[], answers: readonly Opened[]): Promise<boolean> {
    for (const { names: finds } of answers) for (const name of names) if ((await mayLook(0)) && finds(name)) return true;
    return false;
  }

  async function stands(texts: readonly string[], quotes: readonly string[]): Promise<boolean> {
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    for (const quote of quotes) if (!(await mayLook(length)) || !isVerbatim(texts, quote)) return false;
    return true;
  }

  const serviceNames = new Map<string, string>();
  for (const { name, aliases } of [...context.services, { name: context.pagedService, aliases: [] }])
    for (const one of [name, ...aliases]) if (!serviceNames.has(one.toLowerCase())) serviceNames.set(one.toLowerCase(), name);
  const aliasesOf = (service: string) => {
    const name = serviceNames.get(service.toLowerCase());
    return [...new Set([service, ...[...serviceNames].flatMap(([alias, one]) => (one === name ? [alias] : []))])];
  };
  const known = [
    ...context.names,
    ...context.runbooks,
    ...[...serviceNames].flat(),
    ...context.changes.flatMap(({ sha, previousSha, version, repository }) =>
      [sha, previousSha, version, repository].flatMap((one) => one ?? []),
    ),
  ].map((one) => nameFinder(one));

  function open(number: number): Promise<Opened> {
    const already = opened.get(number);
    if (already !== undefined) return already;
    // One after the other, so that the room goes to the same ones each time.
    const next = opening.then(async () => {
      const looked = new Map<string, boolean>();
      const raw = ((await ledger.raw(number)) ?? "").slice(0, Math.min(LONGEST_RAW, rawRoom));
      rawRoom -= raw.length;
      await mayLook(raw.length * 4);
      const views = ledger.views(number).join("\n").slice(0, LONGEST_VIEWS);
      const forms = readable(raw);
      const viewForms = readable(views);
      const texts = [ledger.entry(number)?.query ?? "", forms.at(-1) ?? "", viewForms.at(-1) ?? ""];
      const finders = texts.map(nameFinder);
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      return {
        forms,
        viewForms,
        sightings: [sightingsOf(raw, serviceNames), sightingsOf(views, serviceNames)],
        names: (name: string) => {
          const answer = looked.get(name);
          if (answer !== undefined) return answer;
          lookedAt += length;
          const there = finders.some((finds) => finds(name));
          looked.set(name, there);
          return there;
        },
      };
    });
    opening = next;
    opened.set(number, next);
    return next;
  }

  const exists = (number: number) => Number.isInteger(number) && number > 0 && ledger.entry(number) !== null;
  const reserved = new Set<number>();

  /** Of cited numbers those that exist; the others become problems. */
  function existing(where: string, cited: readonly number[], problems: Problem[]): number[] {
    const numbers = [...new Set(cited)];
    if (numbers.length > LIMITS.evidence)
      problems.push({ where, what: `cites ${numbers.length} evidence numbers`, fix: `cite the ${LIMITS.evidence} that matter most` });
    const kept = numbers.slice(0, LIMITS.evidence).filter((number) => {
      const there = exists(number);
      const room = opened.has(number) || reserved.has(number) || reserved.size < MOST_EVIDENCE;
      if (there && room) reserved.add(number);
      else if (there) problems.push({ where, what: `the finding cites more than ${MOST_EVIDENCE} evidence entries`, fix: "cite fewer" });
      else problems.push({ where, what: `${evidenceMark(number)} does not exist`, fix: "cite the number that the tool's answer carried" });
      return there && room;
    });
    return kept;
  }

  async function mentionsService(service: string, evidence: readonly number[]): Promise<boolean> {
    const names = aliasesOf(service);
    for (const number of evidence) if (await isNamed(names, [await open(number)])) return true;
    return false;
  }

  /**
   * Looks for every figure, name and inline quote of a text in the evidence that it cites.
   * @param advice steps and wishes: their round figures are advice, not facts, and their code is to be typed, not quoted
   */
  async function checkText(text: string, evidence: readonly number[], advice = false): Promise<TextCheck> {
    const problems: Omit<Problem, "where">[] = [];
    let resolved = 0;
    const answers = await Promise.all(evidence.map(open));
    const lookedIn = marks(evidence);
    let rest = text;
    for (const found of text.matchAll(INLINE)) {
      const quote = found[1] ?? found[2] ?? found[3] ?? "";
      if (advice || quote.replaceAll(/\s/g, "").length < SHORTEST_QUOTE) continue;
      // A link was taken out of it: what is left and right of it still has to stand there.
      const pieces = quote.split(LINK_REMOVED).filter((piece) => piece.replaceAll(/\s/g, "").length >= SHORTEST_QUOTE);
      let verbatim = false;
      for (const texts of pieces.length === 0 ? [] : answers.flatMap(({ forms, viewForms }) => [forms, viewForms]))
        verbatim ||= await stands(texts, pieces);
      if (verbatim || serviceNames.has(quote.toLowerCase())) {
        rest = rest.slice(0, found.index) + " ".repeat(found[0].length) + rest.slice(found.index + found[0].length);
        resolved++;
      } else
        problems.push({
          what: `${shown(quote)} does not stand word for word in ${lookedIn}`,
          fix: "copy it from the raw answer, cite the entry that it is in, or say it without quotation marks",
        });
    }
    const { tokens, turns } = scan(rest);
    const places = new Map<Token, number[][]>();
    if (tokens.length > MOST_TOKENS)
      return { problems: [{ what: `holds ${tokens.length} figures and names`, fix: `keep the ${MOST_TOKENS} that matter` }], resolved: 0 };
    const figures = answers.flatMap(({ sightings }) => sightings).reduce((sum, { values }) => sum + values.length, 0);
    for (const token of tokens) {
      const isFigure = token.kind === "figure";
      if (isFigure) await mayLook(figures * 4);
      const problem = isFigure ? figureProblem(token) : await nameProblem(token);
      if (problem === null) resolved++;
      else problems.push(problem);
    }
    for (const [one, other] of turns) {
      const problem = advice ? null : turnProblem(tokens[one], tokens[other]);
      if (problem !== null) problems.push(problem);
    }
    return { problems, resolved };

    function figureProblem(token: Token): Omit<Problem, "where"> | null {
      if (lookedAt > MOST_LOOKED_AT) return { what: `“${token.text}” was not looked up`, fix: "say less" };
      if (advice && !/^(?:percent|points|ratio|rate|clock|minute|date)$/.test(token.dimension)) return null;
      const services = servicesAbout(text, token, serviceNames);
      const seen = answers.flatMap(({ sightings }) => sightings.map((one) => placesOf(token, one, services)));
      places.set(token, seen);
      if (seen.some((one) => one.length > 0)) return null;
      const elsewhere =
        services.length > 0 && answers.some(({ sightings }) => sightings.some((one) => placesOf(token, one, []).length > 0));
      return elsewhere
        ? { what: `“${token.text}” stands in ${lookedIn}, but not of ${services.join(" or ")}`, fix: "say of which service it is" }
        : {
            what: `“${token.text}” is not in ${lookedIn}`,
            fix: "use a figure of that evidence with its unit, rounded at most, cite the entry that it is in, or leave it out",
          };
    }

    function turnProblem(from: Token | undefined, to: Token | undefined): Omit<Problem, "where"> | null {
      const [first, second] = [from === undefined ? undefined : places.get(from), to === undefined ? undefined : places.get(to)];
      if (from === undefined || to === undefined || first === undefined || second === undefined) return null;
      const { start, end } = clauseAt(text, from.start);
      const clause = text.slice(start, end);
      const said = `“${from.text} → ${to.text}”`;
      if (
        from.dimension === to.dimension &&
        ((RISES.test(clause) && from.value > to.value) || (FALLS.test(clause) && from.value < to.value))
      )
        return { what: `${said} goes the other way than its sentence says`, fix: "put the earlier figure first" };
      const sightings = answers.flatMap((answer) => answer.sightings);
      // Figures that were not found at all are problems of their own.
      if (!first.some((one) => one.length > 0) || !second.some((one) => one.length > 0)) return null;
      const holds = sightings.some((one, index) => turned(first[index] ?? [], second[index] ?? [], one));
      return holds
        ? null
        : { what: `${lookedIn} does not show ${said} in this order`, fix: "put the earlier figure first, or cite what shows it" };
    }

    async function nameProblem(token: Token): Promise<Omit<Problem, "where"> | null> {
      // Links were vouched for by their host when the text was made plain.
      if (token.kind === "link") return null;
      if (token.kind === "evidence")
        return exists(token.value) ? null : { what: `${token.text} does not exist`, fix: "cite an evidence number that a tool gave you" };
      if (token.kind === "pull-request") {
        const number = token.value;
        const ways = [
          `#${number}`,
          `/pull/${number}`,
          `/pulls/${number}`,
          `/issues/${number}`,
          `PR ${number}`,
          `pull request ${number}`,
          `"number":${number}`,
          `"number": ${number}`,
        ];
        const there = context.changes.some(({ pullRequest }) => pullRequest?.number === number) || (await isNamed(ways, answers));
        return there
          ? null
          : { what: `${token.text} is not in ${lookedIn}`, fix: "name a pull request that you have seen, and cite where" };
      }
      if (known.some((finds) => finds(token.text)) || (await isNamed([token.text], answers))) return null;
      return { what: `“${token.text}” is not in ${lookedIn}`, fix: "name only what the cited evidence names" };
    }
  }

  const onset = context.onset ?? context.pagedAt;
  const latest = onset + ONSET_SLACK_MS;

  /** Why a change can't be blamed, or null where it can. */
  function blameProblem(id: string, repository: string | null): Omit<Problem, "where"> | null {
    const found = context.changes.filter((change) => isChange(id, change));
    if (found.length === 0)
      return { what: `no change ${shown(id)} is known`, fix: "blame a change that a tool listed, by its sha or version" };
    const same = found.filter(
      (change) => repository === null || change.repository === null || change.repository.toLowerCase() === repository.toLowerCase(),
    );
    if (same.length === 0)
      return { what: `${shown(id)} is not of ${shown(repository ?? "")}`, fix: "name the repository that the change lists" };
    const live = same.filter((change) => change.kind !== "commit" && change.kind !== "pull-request" && Number.isFinite(change.at));
    if (live.length === 0)
      return {
        what: `${shown(id)} was merged; nothing shows that it was deployed`,
        fix: "merged is not live: find its deploy, or drop it",
      };
    const before = live.filter((change) => change.at <= latest);
    if (before.length === 0) {
      const [first] = live.toSorted((one, other) => one.at - other.at);
      const at = first === undefined ? "" : ` at ${clockTime(first.at)}`;
      return { what: `${shown(id)} went live${at}, after the onset at ${clockTime(onset)}`, fix: "what came later is not the cause" };
    }
    if (before.some(isRead)) return null;
    return { what: `the diff of ${shown(id)} was not read`, fix: "read it before you blame the change, or do not blame it" };
  }

  /** A change in the words of what is known of it: around its id the model's own could stand. */
  function inKnownWords({ id, repository }: { id: string; repository: string | null }) {
    const meant = context.changes.filter((change) => isChange(id, change));
    const said = meant.some((change) => change.sha === null && id === change.title.trim()) ? id : id.slice(id.lastIndexOf("@") + 1).trim();
    return { id: said, repository: meant.some((change) => change.repository !== null) ? repository : null };
  }

  /** What is not code has no diff to read. */
  function isRead(change: ChangeEvent): boolean {
    if (change.sha === null || change.repository === null) return true;
    return context.diffsRead.some((id) => isChange(/^\d{1,7}$/.test(id) ? `#${id}` : id, change));
  }

  /** Ids of known changes that a text names. */
  const changesNamed = (text: string): string[] =>
    scan(text).tokens.flatMap((token) => {
      const id = token.kind === "pull-request" ? `#${token.value}` : token.kind === "name" ? token.text : null;
      return id !== null && context.changes.some((change) => isChange(id, change)) ? [id] : [];
    });

  /** Whoever speaks of a diff has read it, or repeats what triage said, which had. To blame it takes more: {@link isRead}. */
  function unreadDiff(text: string, blamed: string | null): Omit<Problem, "where"> | null {
    if (!ABOUT_DIFF.test(text)) return null;
    const ids = changesNamed(text);
    const about = ids.length > 0 ? ids : blamed === null ? [] : [blamed];
    const unread = about.find((id) => !context.changes.some((change) => isChange(id, change) && (isRead(change) || change.files !== null)));
    return unread === undefined
      ? null
      : { what: `it speaks of the diff of ${shown(unread)}, which was not read`, fix: "read the diff, or leave it out" };
  }

  /** Whether some lookups were left out, so that what they were for fell. */
  const isTired = () => lookedAt > MOST_LOOKED_AT;

  return {
    open,
    stands,
    isTired,
    inKnownWords,
    existing,
    mentionsService,
    checkText,
    blameProblem,
    changesNamed,
    unreadDiff,
    aliasesOf,
    serviceNames,
  };
}

type Checker = ReturnType<typeof createChecker>;

/** The finding with every text plain and bounded. What had to be cut becomes a problem. */
function bounded(finding: SubmittedFinding, hosts: readonly string[], problems: Problem[]): SubmittedFinding {
  const cut = (where: string, text: string, longest: number) => {
    if (text.length > longest) problems.push({ where, what: `has ${text.length} characters`, fix: `say it in ${longest}` });
    return plainLine(text, longest, hosts);
  };
  const list = <T, R>(where: string, items: readonly T[], most: number, map: (item: T, where: string) => R): R[] => {
    if (items.length > most) problems.push({ where, what: `has ${items.length} entries`, fix: `keep the ${most} that matter most` });
    return items.slice(0, most).map((item, index) => map(item, `${where}[${index}]`));
  };
  // Quotes keep their signs until they have been looked up.
  const quoteText = (where: string, text: string) => {
    if (text.length > LIMITS.quote)
      problems.push({ where, what: `has ${text.length} characters`, fix: `quote at most ${LIMITS.quote}, from one place` });
    return cutWords(text.slice(0, LIMITS.quote * 2), LIMITS.quote);
  };
  const orNull = (where: string, text: string | null) => (text === null || text.trim() === "" ? null : cut(where, text, LIMITS.name));
  return {
    verdict: finding.verdict,
    cause: cut("cause", finding.cause, LIMITS.sentence),
    service: cut("service", finding.service, LIMITS.name),
    instance: orNull("instance", finding.instance),
    fault: finding.fault,
    change:
      finding.change === null
        ? null
        : { id: cut("change.id", finding.change.id, LIMITS.name), repository: orNull("change.repository", finding.change.repository) },
    confidence: Number.isFinite(finding.confidence) ? Math.min(1, Math.max(0, finding.confidence)) : 0,
    causal_path: list("causal_path", finding.causal_path, LIMITS.hops, (hop, where) => ({
      service: cut(`${where}.service`, hop.service, LIMITS.name),
      what: cut(`${where}.what`, hop.what, LIMITS.sentence),
      evidence: hop.evidence,
    })),
    claims: list("claims", finding.claims, LIMITS.claims, (claim, where) => ({
      text: cut(`${where}.text`, claim.text, LIMITS.text),
      evidence: claim.evidence,
      quotes: list(`${where}.quotes`, claim.quotes, LIMITS.quotes, (quote, at) => ({
        text: quoteText(at, quote.text),
        evidence: quote.evidence,
      })),
    })),
    ruled_out: list("ruled_out", finding.ruled_out, LIMITS.ruledOut, (one, where) => ({
      what: cut(`${where}.what`, one.what, LIMITS.sentence),
      why: cut(`${where}.why`, one.why, LIMITS.sentence),
      evidence: one.evidence,
    })),
    impact:
      finding.impact === null ? null : { text: cut("impact", finding.impact.text, LIMITS.sentence), evidence: finding.impact.evidence },
    do_now: list("do_now", finding.do_now, LIMITS.steps, (one, where) => ({
      step: cut(`${where}.step`, one.step, LIMITS.sentence),
      runbook: orNull(`${where}.runbook`, one.runbook),
    })),
    missing: list("missing", finding.missing, LIMITS.missing, (one, where) => ({
      what: cut(`${where}.what`, one.what, LIMITS.sentence),
      who: orNull(`${where}.who`, one.who),
    })),
  };
}

/** How much of a finding was given and how much of it resolved: claims, quotes and hops count alike. */
interface Tally {
  given: number;
  kept: number;
}

async function checkClaims(
  finding: SubmittedFinding,
  checker: Checker,
  hosts: readonly string[],
  problems: Problem[],
  tally: Tally,
): Promise<Claim[]> {
  const kept: Claim[] = [];
  for (const [index, claim] of finding.claims.entries()) {
    const where = `claims[${index}]`;
    tally.given += 1 + claim.quotes.length;
    const evidence = checker.existing(where, claim.evidence, problems);
    const quotes: Claim["quotes"] = [];
    for (const [place, quote] of claim.quotes.entries()) {
      const at = `${where}.quotes[${place}]`;
      const [number] = checker.existing(at, [quote.evidence], problems);
      if (number === undefined) continue;
      if (!(await checker.stands((await checker.open(number)).forms, [quote.text]))) {
        const short = quote.text.replaceAll(/\s/g, "").length < SHORTEST_QUOTE;
        problems.push({
          where: at,
          what: short
            ? "a quote of so few characters proves nothing"
            : `${shown(quote.text)} does not stand word for word in the raw answer ${evidenceMark(number)}`,
          fix: "copy whole words from one place of the raw answer, cite the entry that it is in, or leave the quote out",
        });
        continue;
      }
      // Our own words in a quote would pass for the vendor's.
      const text = plainLine(quote.text, LIMITS.quote, hosts).replaceAll(LINK_REMOVED, "…");
      if (text !== "") quotes.push({ text, evidence: number });
      if (!evidence.includes(number)) evidence.push(number);
    }
    tally.kept += quotes.length;
    const { problems: unresolved, resolved } = await checker.checkText(claim.text, evidence);
    const diff = checker.unreadDiff(claim.text, finding.change?.id ?? null);
    const wrong = [...unresolved, ...(diff === null ? [] : [diff])];
    if (evidence.length === 0) wrong.push({ what: "cites no evidence that exists", fix: "cite the evidence that shows it" });
    else if (claim.text === "") wrong.push({ what: "says nothing", fix: "say the fact in one sentence" });
    else if (quotes.length === 0 && resolved === 0 && wrong.length === 0)
      wrong.push({ what: "nothing in it can be looked up", fix: "add a figure with its unit or a line quoted word for word" });
    problems.push(...wrong.map((one) => ({ where, ...one })));
    // What rested on a quote that is not there does not stand on its figures alone.
    if (wrong.length > 0 || (claim.quotes.length > 0 && quotes.length === 0)) continue;
    tally.kept++;
    kept.push({ text: claim.text, evidence, quotes });
  }
  return kept;
}

async function checkPath(
  finding: SubmittedFinding,
  checker: Checker,
  problems: Problem[],
  tally: Tally,
): Promise<SubmittedFinding["causal_path"]> {
  const kept: SubmittedFinding["causal_path"] = [];
  for (const [index, hop] of finding.causal_path.entries()) {
    const where = `causal_path[${index}]`;
    tally.given++;
    const evidence = checker.existing(where, hop.evidence, problems);
    const wrong = [...(await checker.checkText(`${hop.service}: ${hop.what}`, evidence)).problems];
    const diff = checker.unreadDiff(hop.what, finding.change?.id ?? null);
    if (diff !== null) wrong.push(diff);
    for (const id of checker.changesNamed(hop.what)) {
      const blame = checker.blameProblem(id, null);
      if (blame !== null) wrong.push(blame);
    }
    if (evidence.length === 0)
      wrong.push({ what: "cites no evidence that exists", fix: "cite the evidence that shows this hop, or leave it out" });
    else if (hop.what === "") wrong.push({ what: "does not say what happened", fix: "say it in one sentence" });
    else if (!(await checker.mentionsService(hop.service, evidence)))
      wrong.push({ what: `${marks(evidence)} does not name ${shown(hop.service)}`, fix: "cite evidence of this service" });
    problems.push(...wrong.map((one) => ({ where, ...one })));
    if (wrong.length > 0) continue;
    tally.kept++;
    kept.push({ ...hop, evidence });
  }
  return kept;
}

/**
 * The confidence rule. What the model said, times the share of claims, quotes and hops that resolved, and never above: 0.95; 0.8 where all
 * claims rest on one evidence entry; 0.6 where the cause's sentence, the path or an alternative was left open; 0.5 where the blamed change
 * fell; 0.4 where the finding is inconclusive. Two decimals, rounded down, unless nothing lowered it.
 */
function boundedConfidence(said: number, tally: Tally, highest: number): number {
  const share = tally.given === 0 ? 1 : tally.kept / tally.given;
  const bound = Math.min(said * share, highest);
  return bound === said ? said : Math.floor(bound * 100 + 1e-9) / 100;
}

/**
 * Resolves what an agent submitted against the evidence that it cites.
 *
 * Every cited number exists; every quote stands in the raw answer that it cites; every figure stands in a cited raw answer or a view of it, in
 * any unit and rounded at most; names with digits stand there or are known; a blamed change was live before the onset and its diff was read;
 * each hop has evidence of its service and the path ends at the paged one; triage's likely suspects are the cause or ruled out.
 * What does not resolve is a problem, for the model to mend, and is missing from `cleaned`. Time and memory are bounded whatever is cited, and
 * others get their turn in between.
 * @param submitted parsed by `submittedFindingSchema`; of any size
 */
export async function checkFinding(submitted: SubmittedFinding, ledger: CheckLedger, context: CheckContext): Promise<CheckedFinding> {
  const problems: Problem[] = [];
  const checker = createChecker(ledger, context);
  const finding = bounded(submitted, context.hosts, problems);
  const tally: Tally = { given: 0, kept: 0 };
  const paged = checker.serviceNames.get(context.pagedService.toLowerCase()) ?? context.pagedService;
  const nameOf = (service: string) => checker.serviceNames.get(service.toLowerCase()) ?? service;
  let highest: number = CONFIDENCE.highest;
  const atMost = (bound: number) => {
    highest = Math.min(highest, bound);
  };

  // The change first: what is said of one that can't be blamed falls with it.
  const { change } = finding;
  const blame = change === null ? null : checker.blameProblem(change.id, change.repository);
  if (blame !== null) {
    problems.push({ where: "change", ...blame });
    atMost(CONFIDENCE.noChange);
  }
  const fallen = blame === null ? null : change;
  const namesFallen = (text: string) =>
    fallen !== null && (ABOUT_CHANGE.test(text) || checker.changesNamed(text).length > 0 || text.includes(fallen.id));

  const checkedClaims = await checkClaims(finding, checker, context.hosts, problems, tally);
  const claims = checkedClaims.filter((claim) => !namesFallen(claim.text));
  const checkedPath = await checkPath(finding, checker, problems, tally);
  let path = checkedPath.filter((hop) => !namesFallen(hop.what));
  tally.kept -= checkedClaims.length - claims.length + checkedPath.length - path.length;
  const lastHop = finding.causal_path.at(-1);
  if (finding.verdict === "incident" && (lastHop === undefined || nameOf(lastHop.service) !== paged)) {
    problems.push({
      where: "causal_path",
      what: `does not end at ${shown(context.pagedService)}`,
      fix: "lead from the cause to the paged service, hop by hop",
    });
  }
  const reaches = path.length > 0 && nameOf(path.at(-1)?.service ?? "") === paged;
  if (!reaches) path = [];
  if (finding.verdict === "incident" && (!reaches || path.length < finding.causal_path.length)) atMost(CONFIDENCE.gaps);

  const cited = [...new Set([...claims, ...path].flatMap((one) => one.evidence))];

  const ruledOut: SubmittedFinding["ruled_out"] = [];
  for (const [index, one] of finding.ruled_out.entries()) {
    const where = `ruled_out[${index}]`;
    const evidence = checker.existing(where, one.evidence, problems);
    const wrong = [...(await checker.checkText(`${one.what}: ${one.why}`, evidence)).problems];
    const diff = checker.unreadDiff(`${one.what} ${one.why}`, null);
    if (diff !== null) wrong.push(diff);
    if (evidence.length === 0)
      wrong.push({ what: "cites no evidence that exists", fix: "cite what speaks against it, or move it to missing" });
    problems.push(...wrong.map((problem) => ({ where, ...problem })));
    if (wrong.length === 0 && one.what !== "") ruledOut.push({ ...one, evidence });
  }

  let impact: SubmittedFinding["impact"] = null;
  if (finding.impact !== null) {
    const evidence = checker.existing("impact", finding.impact.evidence, problems);
    const wrong = [...(await checker.checkText(finding.impact.text, evidence)).problems];
    if (evidence.length === 0) wrong.push({ what: "cites no evidence that exists", fix: "cite what shows it, or leave the impact out" });
    problems.push(...wrong.map((problem) => ({ where: "impact", ...problem })));
    if (wrong.length === 0 && finding.impact.text !== "") impact = { text: finding.impact.text, evidence };
  }

  // The service: known, and named by what resolved.
  const supported = finding.service !== "" && (await checker.mentionsService(finding.service, cited));
  if (!supported && finding.verdict !== "nothing-wrong" && finding.verdict !== "inconclusive")
    problems.push({
      where: "service",
      what: `no resolved claim or hop rests on evidence that names ${shown(finding.service)}`,
      fix: "blame the service that the evidence names",
    });

  let { instance } = finding;
  if (instance !== null && !(await checker.mentionsService(instance, cited)) && !context.names.includes(instance)) {
    problems.push({
      where: "instance",
      what: `${shown(instance)} is not in the cited evidence`,
      fix: "name an instance that the evidence names, or null",
    });
    instance = null;
  }

  // The sentence of cause.
  const causeProblems = [...(await checker.checkText(finding.cause, cited)).problems];
  const named = checker.changesNamed(finding.cause);
  if (finding.verdict === "incident") {
    for (const id of named) {
      const unblamable = checker.blameProblem(id, null);
      if (unblamable !== null) causeProblems.push(unblamable);
    }
    if (named.length === 0 && change === null && ABOUT_CHANGE.test(finding.cause))
      causeProblems.push({
        what: "it blames a change without naming one",
        fix: "fill in `change`, or leave the change out of the sentence",
      });
  }
  const diffOfCause = checker.unreadDiff(finding.cause, change?.id ?? null);
  if (diffOfCause !== null) causeProblems.push(diffOfCause);
  if (finding.cause === "") causeProblems.push({ what: "it is empty", fix: "say the cause in one sentence" });
  problems.push(...causeProblems.map((problem) => ({ where: "cause", ...problem })));
  const causeHolds = causeProblems.length === 0 && !namesFallen(finding.cause);
  if (!causeHolds) atMost(CONFIDENCE.gaps);

  for (const { service, change: id, probability } of finding.verdict === "incident" ? context.alternatives : []) {
    const isCause = nameOf(service) === nameOf(finding.service) && (id === null || change === null || addresses(change.id, id));
    const names = [...checker.aliasesOf(service), ...(id === null ? [] : [id, id.slice(0, 7)])];
    if (isCause || ruledOut.some((one) => names.some((name) => nameFinder(`${one.what} ${one.why}`)(name)))) continue;
    problems.push({
      where: "ruled_out",
      what: `triage holds ${shown(id === null ? service : `${service}, change ${id.slice(0, 12)}`)} possible (${probability.toFixed(2)}), and the finding does not speak of it`,
      fix: "say what speaks against it, with evidence, or make it the cause",
    });
    atMost(CONFIDENCE.gaps);
  }

  let verdict = finding.verdict;
  if (verdict === "incident" && (!supported || claims.length === 0)) verdict = "inconclusive";
  if (
    verdict === "nothing-wrong" &&
    !(
      claims.length > 0 &&
      (await checker.mentionsService(
        context.pagedService,
        claims.flatMap((one) => one.evidence),
      ))
    )
  ) {
    problems.push({
      where: "verdict",
      what: `no resolved claim rests on evidence of ${shown(context.pagedService)}`,
      fix: "read how the paged service is, and cite it",
    });
    verdict = "inconclusive";
  }
  if (finding.verdict === "incident" && claims.length === 0)
    problems.push({
      where: "claims",
      what: "none of them resolved",
      fix: "state the facts that the cause rests on, with figures or quotes from the evidence",
    });
  if (verdict === "inconclusive") atMost(CONFIDENCE.inconclusive);
  else if (new Set(claims.flatMap((one) => one.evidence)).size === 1) atMost(CONFIDENCE.oneSource);

  const doNow: SubmittedFinding["do_now"] = [];
  for (const [index, { step, runbook }] of finding.do_now.entries()) {
    const where = `do_now[${index}]`;
    const wrong = (await checker.checkText(step, cited, true)).problems;
    problems.push(...wrong.map((problem) => ({ where, ...problem })));
    const isKnown = runbook === null || context.runbooks.includes(runbook);
    if (!isKnown)
      problems.push({
        where,
        what: `there is no runbook ${shown(runbook)}`,
        fix: `name one of: ${context.runbooks.join(", ") || "none matches"}`,
      });
    // Steps that undo a change go with the blame that they rest on.
    if (wrong.length === 0 && step !== "" && !namesFallen(step) && !(fallen !== null && /\b(?:roll\w* ?back|revert\w*)\b/i.test(step)))
      doNow.push({ step, runbook: isKnown ? runbook : null });
  }
  const missing: SubmittedFinding["missing"] = [];
  for (const [index, one] of finding.missing.entries()) {
    const wrong = (await checker.checkText(`${one.what} ${one.who ?? ""}`, cited, true)).problems;
    problems.push(...wrong.map((problem) => ({ where: `missing[${index}]`, ...problem })));
    if (wrong.length === 0 && one.what !== "") missing.push(one);
  }

  if (checker.isTired())
    problems.unshift({
      where: "finding",
      what: "it says more than can be looked up in answers of this length, so the last of it was not",
      fix: "say less, and cite fewer and shorter answers",
    });
  const fell = verdict !== finding.verdict;
  const isKnown = checker.serviceNames.has(finding.service.toLowerCase());
  const service = supported || (finding.verdict === "nothing-wrong" && isKnown) ? finding.service : context.pagedService;
  const cleaned: SubmittedFinding = {
    verdict,
    cause: causeHolds && !fell ? finding.cause : plainCause(verdict, service, supported, finding.fault),
    service: finding.verdict === "inconclusive" && isKnown ? finding.service : service,
    instance: supported ? instance : null,
    fault: supported ? finding.fault : null,
    change: verdict === "nothing-wrong" || fallen !== null || fell || change === null ? null : checker.inKnownWords(change),
    confidence: boundedConfidence(finding.confidence, tally, highest),
    causal_path: verdict === "nothing-wrong" ? [] : path,
    claims,
    ruled_out: ruledOut,
    impact,
    // What to do rests on the cause; a step of the team's own runbook stands by itself.
    do_now: fell ? doNow.filter(({ runbook }) => runbook !== null) : doNow,
    missing,
  };
  return { ok: problems.length === 0, problems: problems.slice(0, MOST_PROBLEMS), cleaned };
}

const addresses = (one: string, other: string) =>
  one === other || isPrefixOf(one, other) || isPrefixOf(other, one) || sameVersion(one, other);

/** The cause in words that rest on what resolved alone. */
function plainCause(verdict: SubmittedFinding["verdict"], service: string, supported: boolean, fault: FaultClass | null): string {
  if (verdict === "nothing-wrong") return `Nothing looks wrong with ${service}.`;
  if (verdict === "inconclusive")
    return supported
      ? `Inconclusive: what could be confirmed points to ${service}, and does not settle the cause.`
      : "Inconclusive: what was said about the cause could not be confirmed in the evidence.";
  return fault === null ? `The cause lies in ${service}.` : `The cause lies in ${service}: ${FAULT_WORDS[fault]}.`;
}

import { utc } from "../../report/tool-view.ts";
import { evidenceMark } from "../../report/words.ts";
import { withoutAsked } from "./asked-words.ts";
import { type CheckContext, type CheckLedger, type Problem, shown, type Unplaced } from "./check-context.ts";
import { scan, type Token } from "./figures.ts";
import { placesOf, type ServiceNames, servicesIn, type Sightings, sightingsInTurns, turned } from "./sightings.ts";
import { cannotBe, contradicts, denialOf, saidTurns } from "./movement.ts";
import { withoutOwnMessages } from "./own-messages.ts";
import { LINK_REMOVED } from "./plain.ts";
import { foreignFigure } from "./spelled-figures.ts";
import { isVerbatim, nameFinder, readable, SHORTEST_QUOTE, tells } from "./quotes.ts";
import { LIMITS } from "./submitted-finding.ts";

/** Most evidence entries that one finding may cite, together: each is read whole. */
const MOST_EVIDENCE = 40;
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
/** One evidence entry, opened for checks. */
interface Opened {
  readonly forms: readonly string[];
  readonly viewForms: readonly string[];
  readonly sightings: readonly Sightings[];
  /** In the query as far as the model did not write it, the raw answer or a view. */
  readonly names: (name: string) => boolean;
}
/** Evidence numbers in the words of a problem. */
export const marks = (numbers: readonly number[]) => (numbers.length === 0 ? "no evidence" : numbers.map(evidenceMark).join(", "));

/** Sources whose raw answers are rows that our own code wrote down: a quote of their form shows no words of anybody. */
const OWN_FORM: ReadonlySet<string> = new Set(["PostgreSQL"]);

/** Quotation marks and code spans: what stands in them is said to be verbatim. */
const INLINE = /“([^”]{1,600})”|"([^"]{1,600})"|`([^`]{1,600})`/g;
/** "1e+3": nobody writes so who does not copy it. */
const EXPONENT = /\d[eE][+-]?\d/;
const CLAUSE = /[;,](?=\s)|[.!?](?=\s|$)|\s(?:and|while|but|whereas|then)\s/g;

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
/** Fields that name what runs. */
const RUNNING =
  "(?<![\\p{L}\\p{N}])(?:service|service_name|peer\\.service|host|hostname|host_name|pod|pod_name|container|container_name|instance|deployment|kube_deployment|node|cluster|database|db\\.instance|dbname|project|component)";
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** A view without the window that was asked for: nothing began there. */
const withoutWindow = (view: string, entry: ReturnType<CheckLedger["entry"]>): string =>
  [entry?.from ?? null, entry?.to ?? null].reduce((text, at) => (at === null ? text : text.replaceAll(utc(at), " ".repeat(20))), view);

/** What a check of one text found. `figures` and `names`: how many of each resolved. */
interface TextCheck {
  readonly problems: readonly Unplaced[];
  readonly resolved: number;
}
/** Looks things up in the evidence while one finding is checked. Time and memory are bounded whatever is cited, and others get their turn in between. */
export function createEvidenceChecker(ledger: CheckLedger, context: CheckContext) {
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

  async function seenIn(text: string): Promise<Sightings> {
    const turns = sightingsInTurns(text, serviceNames);
    for (;;) {
      const { done, value } = turns.next();
      if (done === true) return value;
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
    }
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
      const entry = ledger.entry(number);
      const isSlack = entry?.source === "Slack";
      const whole = (await ledger.raw(number)) ?? "";
      const raw = (isSlack ? withoutOwnMessages(whole) : whole).slice(0, Math.min(LONGEST_RAW, rawRoom));
      rawRoom -= raw.length;
      await mayLook(raw.length * 4);
      const own = withoutAsked(ledger.asked?.(number) ?? [], serviceNames.keys());
      // A view of Slack has what midwatch said beside what people said, and computes nothing.
      const views = isSlack ? "" : withoutWindow(own(ledger.views(number).join("\n").slice(0, LONGEST_VIEWS)), entry);
      const forms = readable(raw);
      const viewForms = readable(views);
      const texts = [own(entry?.query ?? ""), forms.at(-1) ?? "", viewForms.at(-1) ?? ""];
      const finders = texts.map(nameFinder);
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      return {
        forms,
        viewForms,
        sightings: [await seenIn(raw), await seenIn(views)],
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

  /** Whether a quote is the form of rows (`"calls":12`) that our own code wrote down. */
  const isOwnForm = (number: number, quote: string) => OWN_FORM.has(ledger.entry(number)?.source ?? "") && /"\w+"\s*:/.test(quote);

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

  /** Whether a text names a service of the catalog that its evidence is about. */
  async function isAboutNamed(text: string, evidence: readonly number[]): Promise<boolean> {
    for (const service of servicesIn(text, serviceNames)) if (await mentionsService(service, evidence)) return true;
    return false;
  }

  /** Whether evidence has a name as that of something that runs: a word of a log line is none. */
  async function isRunning(name: string, evidence: readonly number[]): Promise<boolean> {
    if (serviceNames.has(name.toLowerCase()) || context.names.includes(name)) return true;
    const pattern = new RegExp(String.raw`${RUNNING}["']?\s{0,2}[:=]\s{0,2}["']?${escaped(name)}(?![\p{L}\p{N}_.-])`, "iu");
    for (const number of evidence) {
      const { forms, viewForms } = await open(number);
      for (const form of [forms.at(-1) ?? "", viewForms.at(-1) ?? ""]) if ((await mayLook(form.length)) && pattern.test(form)) return true;
    }
    return false;
  }

  /**
   * Looks for every figure, name and inline quote of a text in the evidence that it cites.
   * @param advice steps and wishes: their round figures are advice, not facts, and their code is to be typed, not quoted
   */
  async function checkText(text: string, evidence: readonly number[], advice = false): Promise<TextCheck> {
    const problems: Unplaced[] = [];
    let resolved = 0;
    const answers = await Promise.all(evidence.map(open));
    const lookedIn = marks(evidence);
    let rest = text;
    const blank = ({ index, 0: whole }: RegExpExecArray) => {
      rest = rest.slice(0, index) + " ".repeat(whole.length) + rest.slice(index + whole.length);
    };
    for (const found of text.matchAll(INLINE)) {
      const quote = found[1] ?? found[2] ?? found[3] ?? "";
      if (advice || quote.replaceAll(/\s/g, "").length < SHORTEST_QUOTE) continue;
      // A link was taken out of it: what is left and right of it still has to stand there.
      const pieces = quote.split(LINK_REMOVED).filter((piece) => piece.replaceAll(/\s/g, "").length >= SHORTEST_QUOTE);
      let verbatim = false;
      for (const texts of pieces.length === 0 ? [] : answers.flatMap(({ forms, viewForms }) => [forms, viewForms]))
        verbatim ||= await stands(texts, pieces);
      if (verbatim || serviceNames.has(quote.toLowerCase())) {
        if (!serviceNames.has(quote.toLowerCase())) blank(found);
        if (verbatim && tells(quote)) resolved++;
      } else {
        // Its figures fall with it, and are no figures of a service.
        blank(found);
        problems.push({
          what: `${shown(quote)} does not stand word for word in ${lookedIn}`,
          fix: "copy it from the raw answer, cite the entry that it is in, or say it without quotation marks",
        });
      }
    }
    const foreign = foreignFigure(rest);
    if (foreign !== null)
      problems.push({ what: `“${foreign}” is a figure that can't be looked up`, fix: "write figures with the digits 0 to 9" });
    const { tokens, turns } = scan(rest);
    const places = new Map<Token, number[][]>();
    if (tokens.length > MOST_TOKENS)
      return { problems: [{ what: `holds ${tokens.length} figures and names`, fix: `keep the ${MOST_TOKENS} that matter` }], resolved: 0 };
    const figures = answers.flatMap(({ sightings }) => sightings).reduce((sum, { values }) => sum + values.length, 0);
    for (const token of tokens) {
      const isFigure = token.kind === "figure";
      if (isFigure) await mayLook(figures * 4);
      const written = isFigure && EXPONENT.test(token.text) && !(await isNamed([token.text], answers)) ? unseen(token) : null;
      const problem = written ?? (isFigure ? await figureProblem(token) : await nameProblem(token));
      // A mark or a link says nothing of what it stands beside.
      if (problem === null) resolved += token.kind === "evidence" || token.kind === "link" ? 0 : 1;
      else problems.push(problem);
    }
    for (const [one, other] of turns) {
      const problem = advice ? null : turnProblem(tokens[one], tokens[other]);
      if (problem !== null) problems.push(problem);
    }
    if (!advice) {
      for (const [one, other] of saidTurns(text, tokens)) {
        const problem = turns.some(([a, b]) => a + b === one + other) ? null : saidProblem(tokens[one], tokens[other]);
        if (problem !== null) problems.push(problem);
      }
      for (const token of tokens) {
        const problem = token.kind === "figure" ? ((await deniedProblem(token)) ?? settledProblem(token)) : null;
        if (problem !== null) problems.push(problem);
      }
    }
    return { problems, resolved };

    /** Words that tell which figure came first are looser than an arrow: they fall where the evidence shows the opposite. */
    function saidProblem(from: Token | undefined, to: Token | undefined): Unplaced | null {
      if (from === undefined || to === undefined) return null;
      const [first, second] = [places.get(from) ?? [], places.get(to) ?? []];
      const [about, other] = [servicesAbout(text, from, serviceNames), servicesAbout(text, to, serviceNames)];
      if (about.join() !== other.join()) return null;
      const around = text.slice(Math.max(0, Math.min(from.start, to.start) - 30), Math.max(from.end, to.end));
      if (contradicts(around, from.value, to.value))
        return { what: `“${around.trim()}” goes the other way than its figures`, fix: "say which figure came first: 0.3 % → 18 %" };
      const sightings = answers.flatMap((answer) => answer.sightings);
      const shows = (a: readonly number[][], b: readonly number[][]) =>
        sightings.some((one, index) => turned(a[index] ?? [], b[index] ?? [], one));
      return shows(first, second) || !shows(second, first)
        ? null
        : { what: `${lookedIn} shows “${to.text}” before “${from.text}”`, fix: "say which figure came first: 0.3 % → 18 %" };
    }

    async function deniedProblem(token: Token): Promise<Unplaced | null> {
      const words = denialOf(text, token, clauseAt(text, token.start).start);
      if (words === null) return null;
      // The evidence itself may say so.
      for (const { forms, viewForms } of answers) if ((await stands(forms, [words])) || (await stands(viewForms, [words]))) return null;
      return {
        what: `“${words}” denies a figure, which nothing can show`,
        fix: "say what the figure is, or quote the line that denies it",
      };
    }

    function settledProblem(token: Token): Unplaced | null {
      const { start, end } = clauseAt(text, token.start);
      const wrong = cannotBe(text.slice(start, end));
      const seen = places.get(token);
      if (wrong === null || seen === undefined) return null;
      const ends = (side: 0 | 1) =>
        answers
          .flatMap(({ sightings }) => sightings)
          .some(({ turns: steps }, index) => steps.some((step) => seen[index]?.includes(step[side])));
      const [isFrom, isTo] = [ends(0), ends(1)];
      return (wrong === "from" ? isFrom && !isTo : isTo && !isFrom)
        ? { what: `${lookedIn} shows that “${token.text}” did move`, fix: "say from where to where: 0.3 % → 18 %" }
        : null;
    }

    function unseen({ text: said }: Token): Unplaced {
      return {
        what: `“${said}” is not in ${lookedIn}`,
        fix: "use a figure of that evidence with its unit, rounded at most, cite the entry that it is in, or leave it out",
      };
    }

    /** Other entries that the finding cites and that hold a figure. */
    async function holders(token: Token, services: readonly string[]): Promise<number[]> {
      const found: number[] = [];
      for (const [number, other] of opened) {
        if (evidence.includes(number)) continue;
        const { sightings } = await other;
        await mayLook(sightings.reduce((sum, { values }) => sum + values.length, 0));
        if (sightings.some((one) => placesOf(token, one, services).length > 0)) found.push(number);
      }
      return found;
    }

    async function figureProblem(token: Token): Promise<Unplaced | null> {
      if (lookedAt > MOST_LOOKED_AT) return { what: `“${token.text}” was not looked up`, fix: "say less" };
      if (advice && !/^(?:percent|points|ratio|rate|clock|minute|date)$/.test(token.dimension)) return null;
      const services = servicesAbout(rest, token, serviceNames);
      const seen = answers.flatMap(({ sightings }) => sightings.map((one) => placesOf(token, one, services)));
      places.set(token, seen);
      if (seen.some((one) => one.length > 0)) return null;
      const elsewhere =
        services.length > 0 && answers.some(({ sightings }) => sightings.some((one) => placesOf(token, one, []).length > 0));
      const held = elsewhere ? [] : await holders(token, services);
      if (held.length > 0)
        return {
          what: `“${token.text}” is not in ${lookedIn}, but in ${marks(held.slice(0, 3))}`,
          fix: `cite ${marks(held.slice(0, 1))} for it`,
        };
      return elsewhere
        ? { what: `“${token.text}” stands in ${lookedIn}, but not of ${services.join(" or ")}`, fix: "say of which service it is" }
        : unseen(token);
    }

    function turnProblem(from: Token | undefined, to: Token | undefined): Unplaced | null {
      const [first, second] = [from === undefined ? undefined : places.get(from), to === undefined ? undefined : places.get(to)];
      if (from === undefined || to === undefined || first === undefined || second === undefined) return null;
      const { start, end } = clauseAt(text, from.start);
      const clause = text.slice(start, end);
      const said = `“${from.text} → ${to.text}”`;
      if (from.dimension === to.dimension && contradicts(clause, from.value, to.value))
        return { what: `${said} goes the other way than its sentence says`, fix: "put the earlier figure first" };
      const sightings = answers.flatMap((answer) => answer.sightings);
      // Figures that were not found at all are problems of their own.
      if (!first.some((one) => one.length > 0) || !second.some((one) => one.length > 0)) return null;
      const holds = sightings.some((one, index) => turned(first[index] ?? [], second[index] ?? [], one));
      return holds
        ? null
        : { what: `${lookedIn} does not show ${said} in this order`, fix: "put the earlier figure first, or cite what shows it" };
    }

    async function nameProblem(token: Token): Promise<Unplaced | null> {
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
  /** Whether some lookups were left out, so that what they were for fell. */
  const isTired = () => lookedAt > MOST_LOOKED_AT;

  return {
    open,
    stands,
    isOwnForm,
    isTired,
    existing,
    mentionsService,
    isAboutNamed,
    isRunning,
    checkText,
    aliasesOf,
    serviceNames,
  };
}

export type EvidenceChecker = ReturnType<typeof createEvidenceChecker>;

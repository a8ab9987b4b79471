import { isWritten } from "./advice.ts";
import { withoutAsked } from "./asked-words.ts";
import { type BareUnits, bareUnits } from "./bare-units.ts";
import type { CheckContext, CheckLedger } from "./check-context.ts";
import { withoutOwnMessages } from "./own-messages.ts";
import { type Place, type Problem, problemOf } from "./problem.ts";
import { type IndexedText, indexOf } from "./indexed-text.ts";
import { holdsNothing } from "./empty-answers.ts";
import { withQueries } from "./queried-series.ts";
import { isVerbatim, nameFinder, readable } from "./quotes.ts";
import { noSightings } from "./read-sightings.ts";
import type { Sightings, Table } from "./sightings.ts";
import { changesSeenIn, type SeenChange } from "./seen-changes.ts";
import { LIMITS } from "./submitted-finding.ts";

/** Most evidence entries that one finding may cite, together: each is read whole. */
const MOST_EVIDENCE = 40;
const LONGEST_VIEWS = 400_000;
/** Characters of one raw answer, and of all together, that are looked through: each is held in several forms. */
const LONGEST_RAW = 8_000_000;
const MOST_RAW = 24_000_000;
/** Characters that all lookups of one finding may go through: a few seconds of work. */
const MOST_LOOKED_AT = 1_000_000_000;
/** After so many of them whatever else waits gets its turn: pages and webhooks are answered where findings are checked. */
const PAUSE_AFTER = 10_000_000;
/** Entries of the ledger that are looked through where what is cited does not show a fact. */
const MOST_ENTRIES = 200;

/** Characters on each side of a figure in a raw answer that is not read whole, and of how many places. */
const AROUND = 300;
const MOST_AROUND = 20;

/** One evidence entry, opened for checks. */
export interface Opened {
  readonly number: number;
  readonly forms: readonly string[];
  readonly viewForms: readonly string[];
  /** Of the raw answer (empty where only its words were read) and of its views: see {@link Sightings}. */
  readonly raw: Sightings;
  readonly view: Sightings;
  /** Of the raw answer, each with the words of the query that it answers. */
  readonly tables: readonly Table[];
  /** In which units the raw answer's bare numbers are. */
  readonly units: BareUnits;
  /** In the raw answer, a view or the query: of that what the model wrote counts only where something came back. */
  readonly names: (name: string) => boolean;
  /** Nothing came back: that is a fact about the query and its window. */
  readonly isEmpty: boolean;
  /** Bounds of the window that was asked for, epoch seconds. */
  readonly window: readonly number[];
  /** The moment that it reports on, from which its ages count: the end of its window, else when it was read. Epoch seconds; null: unknown. */
  readonly until: number | null;
  /** What was asked, lower case. */
  readonly query: string;
}

/** How far an entry was opened: `view` is what a model saw of it, with its query. */
type Depth = "whole" | "words" | "view";

/** Fields that name what runs. */
const RUNNING =
  "(?<![\\p{L}\\p{N}])(?:service|service_name|peer\\.service|host|hostname|host_name|pod|pod_name|container|container_name|instance|deployment|kube_deployment|node|cluster|database|db\\.instance|dbname|project|component)";

/** The longest run of a quote that is the same in every form of an answer; its first letter may be a sentence's capital. */
const pieceOf = (quote: string): string =>
  quote
    .slice(1)
    .split(/[^\p{ASCII}]|["'\\\s/-]/u)
    .reduce((longest, piece) => (piece.length > longest.length ? piece : longest), "");

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Names by which texts speak of services, in lower case, each with the catalog's. */
function namesOf({ services, pagedService }: CheckContext): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name, aliases } of [...services, { name: pagedService, aliases: [] }])
    for (const one of [name, ...aliases]) if (!names.has(one.toLowerCase())) names.set(one.toLowerCase(), name);
  return names;
}

/**
 * The evidence that one finding cites, opened for look-ups. Time and memory are bounded whatever is cited, and others get their turn in between.
 */
export class Evidence {
  readonly serviceNames: ReadonlyMap<string, string>;
  /** What was opened so far: whole, without the figures of the raw answer, or its views alone. */
  private readonly opened: Readonly<Record<Depth, Map<number, Promise<Opened>>>> = { whole: new Map(), words: new Map(), view: new Map() };
  private readonly raws = new Map<number, Promise<string>>();
  private readonly ledger: CheckLedger;
  private readonly context: CheckContext;
  private changes: Promise<readonly SeenChange[]> | null = null;
  private readonly known: readonly ((name: string) => boolean)[];
  private readonly reserved = new Set<number>();
  private opening: Promise<unknown> = Promise.resolve();
  private rawRoom = MOST_RAW;
  private lookedAt = 0;
  private pauseAt = PAUSE_AFTER;

  constructor(ledger: CheckLedger, context: CheckContext) {
    this.ledger = ledger;
    this.context = context;
    this.serviceNames = namesOf(context);
    this.known = [
      ...context.names,
      ...context.runbooks,
      ...[...this.serviceNames].flat(),
      ...context.changes.flatMap(({ sha, previousSha, version, repository }) =>
        [sha, previousSha, version, repository].flatMap((one) => one ?? []),
      ),
    ].map((one) => nameFinder(one));
  }

  /** Some look-ups were left out, so that what they were for fell. */
  get isTired(): boolean {
    return this.lookedAt > MOST_LOOKED_AT;
  }

  /** Before a look-up that goes through so many characters: whether there is still room for it. */
  async mayLook(characters: number): Promise<boolean> {
    this.lookedAt += characters;
    if (this.lookedAt >= this.pauseAt) {
      await turn();
      this.pauseAt = this.lookedAt + PAUSE_AFTER;
    }
    return !this.isTired;
  }

  /** An entry with its views and the words of its raw answer; those take a tenth of the time that its figures take. */
  readonly words = (number: number): Promise<Opened> => this.opened.whole.get(number) ?? this.openTo(number, "words");

  /** An entry with the figures of its raw answer. */
  readonly whole = (number: number): Promise<Opened> => this.openTo(number, "whole");

  private openTo(number: number, depth: Depth): Promise<Opened> {
    const already = this.opened[depth].get(number);
    if (already !== undefined) return already;
    // One after the other, so that the room goes to the same ones each time.
    const next = this.opening.then(() => this.openNow(number, depth));
    this.opening = next;
    this.opened[depth].set(number, next);
    return next;
  }

  private isOpen(number: number): boolean {
    return this.opened.whole.has(number) || this.opened.words.has(number);
  }

  /** The raw answer as far as it is looked through, without what midwatch itself said in Slack. */
  private rawOf(number: number): Promise<string> {
    const read = async () => {
      const whole = (await this.ledger.raw(number)) ?? "";
      const raw = (this.ledger.entry(number)?.source === "Slack" ? withoutOwnMessages(whole) : whole).slice(0, LONGEST_RAW);
      const room = raw.slice(0, this.rawRoom);
      this.rawRoom -= room.length;
      return room;
    };
    const known = this.raws.get(number) ?? read();
    this.raws.set(number, known);
    return known;
  }

  private async openNow(number: number, depth: Depth): Promise<Opened> {
    const entry = this.ledger.entry(number);
    const isSlack = entry?.source === "Slack";
    const hasRaw = depth !== "view";
    const raw = hasRaw ? await this.rawOf(number) : "";
    await this.mayLook(raw.length * (depth === "whole" ? 4 : 1));
    const isEmpty = hasRaw && holdsNothing(raw);
    const own = withoutAsked(this.ledger.asked?.(number) ?? [], this.serviceNames.keys(), hasRaw && !isEmpty);
    // A view of Slack has what midwatch said beside what people said, and computes nothing.
    const shown = isSlack ? "" : this.ledger.views(number).join("\n").slice(0, LONGEST_VIEWS);
    const views = own(shown);
    const { forms, sightings } = await this.indexOf(raw, depth === "whole");
    const { forms: viewForms, sightings: view } = await this.indexOf(views, true);
    const query = entry?.query ?? "";
    const isAsked = isEmpty || !hasRaw;
    const texts = [isAsked ? own(query) : query, forms.at(-1) ?? "", (isAsked ? viewForms : readable(shown)).at(-1) ?? ""];
    const finders = texts.map(nameFinder);
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    const looked = new Map<string, boolean>();
    const names = (name: string) => {
      const answer = looked.get(name);
      if (answer !== undefined) return answer;
      this.lookedAt += length;
      const there = finders.some((finds) => finds(name));
      looked.set(name, there);
      return there;
    };
    const window = [entry?.from, entry?.to].flatMap((at) => (at == null ? [] : [at / 1000]));
    const until = entry?.to ?? entry?.at;
    return {
      number,
      forms,
      viewForms,
      raw: sightings,
      view,
      tables: withQueries(sightings, query),
      units: bareUnits(sightings, view),
      names,
      isEmpty,
      window,
      until: until === undefined ? null : until / 1000,
      query: query.toLowerCase(),
    };
  }

  /**
   * The entries of the incident that are not among `cited`, one after the other: the reader stops where it finds what it looks for. Of an entry
   * that is not open yet only what a model saw of it, unless its raw answer has one of `pieces`.
   */
  async *others(cited: readonly number[], pieces: readonly string[] = []): AsyncGenerator<Opened> {
    for (let number = 1; number <= MOST_ENTRIES && this.exists(number) && !this.isTired; number++) {
      if (cited.includes(number)) continue;
      if (pieces.length > 0 && !this.isOpen(number)) {
        const raw = await this.rawOf(number);
        if ((await this.mayLook(raw.length)) && pieces.some((piece) => raw.includes(piece))) yield await this.words(number);
        continue;
      }
      yield await (this.isOpen(number) ? this.words(number) : this.openTo(number, "view"));
    }
  }

  /** Of each entry that is not among `cited` the places of its raw answer that have some digits, as figures: to read all of it would take long. */
  async *around(cited: readonly number[], digits: string): AsyncGenerator<{ readonly number: number; readonly near: Sightings }> {
    for (let number = 1; number <= MOST_ENTRIES && this.exists(number) && !this.isTired; number++) {
      if (cited.includes(number)) continue;
      const raw = await this.rawOf(number);
      if (!(await this.mayLook(raw.length))) return;
      const places: string[] = [];
      for (let at = raw.indexOf(digits); at >= 0 && places.length < MOST_AROUND; at = raw.indexOf(digits, at + AROUND))
        places.push(raw.slice(Math.max(0, at - AROUND), at + AROUND).replaceAll("\n", " "));
      if (places.length > 0) yield { number, near: (await this.indexOf(places.join("\n"), true)).sightings };
    }
  }

  private async indexOf(text: string, hasFigures: boolean): Promise<IndexedText & { readonly sightings: Sightings }> {
    const turns = indexOf(text, this.serviceNames, hasFigures);
    for (;;) {
      const { done, value } = turns.next();
      if (done === true) return { forms: value.forms, sightings: value.sightings ?? noSightings() };
      await turn();
    }
  }

  /** Whether all quotes are word for word in one of the forms of a text. */
  async hasAll(forms: readonly string[], quotes: readonly string[]): Promise<boolean> {
    const length = forms.reduce((sum, text) => sum + text.length, 0);
    for (const quote of quotes) if (!(await this.mayLook(length)) || !isVerbatim(forms, quote)) return false;
    return true;
  }

  /** Whether one of the names is in one of the answers. */
  async isNamed(names: readonly string[], answers: readonly Opened[]): Promise<boolean> {
    for (const { names: finds } of answers) for (const name of names) if ((await this.mayLook(0)) && finds(name)) return true;
    return false;
  }

  /** The page is evidence of its service. */
  isPaged(service: string): boolean {
    return service === this.serviceNames.get(this.context.pagedService.toLowerCase());
  }

  /** Whether a name may be said without evidence. */
  isKnown(name: string): boolean {
    return this.known.some((finds) => finds(name));
  }

  /** A raw answer as it came, as far as it is looked through, and where its window begins, epoch milliseconds. */
  async text(number: number): Promise<{ readonly raw: string; readonly from: number | null }> {
    const raw = await this.rawOf(number);
    await this.mayLook(raw.length);
    return { raw, from: this.ledger.entry(number)?.from ?? null };
  }

  /** Instants that are known of the incident, epoch seconds: the page, its onset, and when changes went live. */
  get instants(): readonly number[] {
    const { pagedAt, onset, changes } = this.context;
    return [pagedAt, ...(onset === null ? [] : [onset]), ...changes.map(({ at }) => at)].filter(Number.isFinite).map((at) => at / 1000);
  }

  /** Whether a known change touches a file of this name, or a line with it. */
  isOfChange(name: string): boolean {
    return this.context.changes.some(({ files }) => files?.some(({ path, patch }) => path.includes(name) || patch?.includes(name)));
  }

  /** Whether a runbook or skill that was read has this code, with its names filled in. */
  isWritten(code: string): boolean {
    return isWritten(code, this.context.steps ?? []);
  }

  /** Whether a runbook or skill that was read has a name. */
  isInSteps(name: string): boolean {
    return this.context.steps?.some((text) => text.includes(name)) === true;
  }

  /** Known changes one of whose ids fits. */
  changesOf(fits: (id: string) => boolean): CheckContext["changes"] {
    return this.context.changes.filter(({ sha, version }) => [sha, version].some((id) => id !== null && fits(id)));
  }

  /** The changes that GitHub's answers tell of. */
  changesSeen(): Promise<readonly SeenChange[]> {
    const read = async () => {
      const found: SeenChange[] = [];
      for (let number = 1; number <= MOST_ENTRIES && this.exists(number) && !this.isTired; number++) {
        if (this.ledger.entry(number)?.source.startsWith("GitHub") !== true) continue;
        const raw = await this.rawOf(number);
        if (await this.mayLook(raw.length)) found.push(...changesSeenIn(raw));
      }
      return found;
    };
    return (this.changes ??= read());
  }

  aliasesOf(service: string): string[] {
    const name = this.serviceNames.get(service.toLowerCase());
    return [...new Set([service, ...[...this.serviceNames].flatMap(([alias, one]) => (one === name ? [alias] : []))])];
  }

  exists(number: number): boolean {
    return Number.isInteger(number) && number > 0 && this.ledger.entry(number) !== null;
  }

  /** Of cited numbers those that exist; the others become problems. */
  existing(at: Place, cited: readonly number[], problems: Problem[]): number[] {
    const numbers = [...new Set(cited)];
    if (numbers.length > LIMITS.evidence) problems.push({ ...at, ...problemOf("too-many-cited", numbers.length, LIMITS.evidence) });
    return numbers.slice(0, LIMITS.evidence).filter((number) => {
      const there = this.exists(number);
      const room = this.isOpen(number) || this.reserved.has(number) || this.reserved.size < MOST_EVIDENCE;
      if (there && room) this.reserved.add(number);
      else problems.push({ ...at, ...(there ? problemOf("too-much-evidence", MOST_EVIDENCE) : problemOf("unknown-evidence", number)) });
      return there && room;
    });
  }

  /** The entry that has all the words word for word: one that is cited, else any; null where none has. */
  async holderOf(quotes: readonly string[], cited: readonly number[]): Promise<number | null> {
    const holds = async ({ forms, viewForms }: Opened) => (await this.hasAll(forms, quotes)) || (await this.hasAll(viewForms, quotes));
    for (const number of cited) if (await holds(await this.words(number))) return number;
    for await (const other of this.others(cited)) if (await holds(other)) return other.number;
    for await (const other of this.others(cited, quotes.map(pieceOf))) if (await holds(other)) return other.number;
    return null;
  }

  /** The entry that has one of the names: one that is cited, else any; null where none has. */
  async namedIn(names: readonly string[], cited: readonly number[]): Promise<number | null> {
    for (const number of cited) if (await this.isNamed(names, [await this.words(number)])) return number;
    for await (const other of this.others(cited)) if (await this.isNamed(names, [other])) return other.number;
    for await (const other of this.others(cited, names)) if (await this.isNamed(names, [other])) return other.number;
    return null;
  }

  async mentionsService(service: string, cited: readonly number[]): Promise<boolean> {
    const names = this.aliasesOf(service);
    for (const number of cited) if (await this.isNamed(names, [await this.words(number)])) return true;
    return false;
  }

  /** Whether evidence has a name as that of something that runs: a word of a log line is none. */
  async isRunning(name: string, cited: readonly number[]): Promise<boolean> {
    if (this.serviceNames.has(name.toLowerCase()) || this.context.names.includes(name)) return true;
    const pattern = new RegExp(String.raw`${RUNNING}["']?\s{0,2}[:=]\s{0,2}["']?${RegExp.escape(name)}(?![\p{L}\p{N}_.-])`, "iu");
    for (const number of cited) {
      const { forms, viewForms } = await this.words(number);
      for (const form of [forms.at(-1) ?? "", viewForms.at(-1) ?? ""])
        if ((await this.mayLook(form.length)) && pattern.test(form)) return true;
    }
    return false;
  }

  /** Whether a pull request is one of the known changes. */
  isKnownPullRequest(number: number): boolean {
    return this.context.changes.some(({ pullRequest }) => pullRequest?.number === number);
  }
}

import { Columns } from "./log-column.ts";
import { type Group, Groups, WORDS_TRIED } from "./log-group.ts";
import { rowOf } from "./log-row.ts";
import { hashOfRow, scan, show, TEXT, type Token, VALUE, VARIABLE } from "./log-token.ts";

/** Groups log lines that come from one statement. */
export interface PatternMiner {
  /** Number of the line's group; groups may be joined later, see {@link PatternMiner.resolve}. */
  add(line: string): number;
  /** The group that a number belongs to, by the lines read so far. */
  resolve(id: number): number;
  /**
   * The group's template. A variable that was always one kind of thing has its name (`<number>`, `<ip>`, `<id>`, `<path>`); `<*>` is free text:
   * anyone who sends requests may have written it.
   */
  template(id: number): string;
  /** Groups so far, before joining. At most {@link PATTERN_LIMIT} and the one for all that is beyond it. */
  size(): number;
}

/** Distinct values after `=` and in quotes from which on they are variables, all else being equal. */
const VALUES_OF_A_VARIABLE = 4;
/** Patterns kept apart. Beyond that, new ones are grouped by their beginning, and all whose beginning is new too are one. */
export const PATTERN_LIMIT = 20_000;
/** Signatures remembered; what comes later is looked up by its words each time. */
const SIGNATURE_LIMIT = 200_000;
/** Characters of a template. */
const TEMPLATE_LIMIT = 1000;
/** Times that what waits is decided again: a decision makes rows alike that others wait for. */
const ROUNDS = 8;

/** Rows that differ in their values: hashes of these, and the groups. */
interface Family {
  readonly values: number[];
  readonly members: number[];
}

function templateOf({ line, kinds }: Group, known: Map<string, boolean>): string {
  const { row } = rowOf(scan(line, true, known).tokens ?? []);
  let text = "";
  for (const [place, token] of row.entries()) {
    if (text.length > TEMPLATE_LIMIT) break;
    const otherwise = token.text === VARIABLE || token.text === VALUE ? TEXT : 0;
    text += show(token, kinds[place] ?? otherwise, place > 0);
  }
  return text;
}

/**
 * A miner with one fixed setting for all systems.
 *
 * Each line is cut into words and variables in one pass (numbers, ids, addresses, paths, hosts and dates are variables by their shape) and hashed;
 * only a signature that was never seen, or one whose variables are of another kind, is looked at closer. Signatures that differ in values after
 * `=`, in quotes or in a list are joined once these took {@link VALUES_OF_A_VARIABLE}; those that differ in one word as {@link Columns} says.
 * What the counts of lines decide is decided when a group is asked for, so ask when all lines are read: then their order does not matter.
 *
 * Memory is bounded whatever the lines are: groups, keys and signatures have their limits, and a group holds one line and a byte a word.
 */
export const createPatternMiner = (): PatternMiner => new Miner();

class Miner implements PatternMiner {
  private readonly known = new Map<string, boolean>();
  private readonly groups = new Groups(this.known);
  private readonly columns = new Columns(this.groups);
  private readonly bySignature = new Map<number, number>();
  /** By the hash of a row without its values. */
  private readonly families = new Map<number, Family>();
  private readonly byBeginning = new Map<number, number>();
  private readonly templates = new Map<number, string>();
  /** No line was read since the groups were last settled. */
  private isSettled = true;

  add(line: string): number {
    const { hash, kinds } = scan(line, false, this.known);
    this.isSettled = false;
    const id = this.bySignature.get(hash);
    if (id === undefined) {
      const admitted = this.admit(line);
      if (this.bySignature.size < SIGNATURE_LIMIT) this.bySignature.set(hash, admitted);
      return this.count(admitted);
    }
    const group = this.groups.of(id);
    if (group !== null && group.shapes !== null && !group.shapes.includes(kinds))
      this.groups.learn(id, rowOf(scan(line, true, this.known).tokens ?? []).row, kinds);
    return this.count(id);
  }

  resolve(id: number): number {
    this.settle();
    return id >= 0 && id < this.size() ? this.groups.find(id) : id;
  }

  template(id: number): string {
    const root = this.resolve(id);
    let text = this.templates.get(root);
    if (text === undefined) {
      const group = root >= 0 && root < this.size() ? this.groups.of(root) : null;
      text = group === null ? "" : root === PATTERN_LIMIT ? "<*>" : templateOf(group, this.known);
      this.templates.set(root, text);
    }
    return text;
  }

  size(): number {
    return this.groups.parents.length;
  }

  private count(id: number): number {
    this.groups.lines[id] = (this.groups.lines[id] ?? 0) + 1;
    return id;
  }

  private settle(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.templates.clear();
    for (let round = 0; round < ROUNDS && this.columns.settle(); round += 1);
  }

  /** The group of a line whose signature is new. */
  private admit(line: string): number {
    const { tokens, kinds: shape } = scan(line, true, this.known);
    const { row, hasValues } = rowOf(tokens ?? []);
    let family: Family | undefined;
    if (hasValues) {
      const key = hashOfRow(row);
      family = this.families.get(key);
      const [first] = family?.members ?? [];
      if (family !== undefined && first !== undefined && family.values.length >= VALUES_OF_A_VARIABLE) {
        this.groups.learn(first, row, shape);
        return first;
      }
      if (family === undefined && this.size() < PATTERN_LIMIT) this.families.set(key, (family = { values: [], members: [] }));
    }
    const beginning = hashOfRow(tokens ?? [], 3);
    if (this.size() >= PATTERN_LIMIT) return this.overflow(beginning);
    const id = this.groups.add({ line, kinds: Uint8Array.from(row.slice(0, WORDS_TRIED), ({ kinds }) => kinds), shapes: [shape] });
    this.byBeginning.set(beginning, id);
    if (family !== undefined) this.joinFamily(family, hashOfRow(tokens ?? []), row, id);
    this.columns.file(row, id);
    return id;
  }

  private joinFamily({ values, members }: Family, value: number, row: readonly Token[], id: number): void {
    if (!values.includes(value)) values.push(value);
    members.push(id);
    if (values.length < VALUES_OF_A_VARIABLE) return;
    const [first = id] = members;
    for (const member of members) this.groups.join(first, member);
    members.length = 1;
    for (const [place, { text }] of row.entries()) if (text === VALUE) this.groups.isFreeText(first, place, row.length);
  }

  /** Beyond the limit: the group of the same beginning, or the one for all others. Nothing is known of what varies in it. */
  private overflow(beginning: number): number {
    const same = this.byBeginning.get(beginning) ?? PATTERN_LIMIT;
    if (this.size() === PATTERN_LIMIT && same === PATTERN_LIMIT) this.groups.add({ line: "", kinds: new Uint8Array(0), shapes: null });
    const group = this.groups.of(same);
    if (group !== null && group.shapes !== null) {
      group.shapes = null;
      group.kinds = group.kinds.map((kinds) => (kinds === 0 ? 0 : TEXT));
    }
    return same;
  }
}

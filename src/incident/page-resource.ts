/**
 * What a page names beside its service: the environment, and the resource (a host, a database, a queue) that its alert is about. Read from keys and
 * identifiers, for titles are words of people in any language.
 */

/** `where`: the service runs on many of them. `what`: a thing of its own that services use. `scope`: another one is another system. */
type Role = "where" | "what" | "scope";

/** Keys by which monitors say what an alert is about, without the signs between their words. One name for those that mean the same. */
const KEYS: ReadonlyMap<string, readonly [name: string, role: Role]> = new Map(
  (
    [
      ["host", "where", "host hostname nodename node kubenode"],
      ["pod", "where", "pod podname kubepod k8spodname"],
      ["container", "where", "container containername containerid"],
      ["instance", "where", "instance instanceid serverid"],
      ["database", "what", "db database dbname databasename dbinstance dbinstanceidentifier dbclusteridentifier datname"],
      ["queue", "what", "queue queuename sqsqueue"],
      ["topic", "what", "topic topicname kafkatopic"],
      ["consumer group", "what", "consumergroup groupid"],
      ["table", "what", "table tablename"],
      ["bucket", "what", "bucket bucketname"],
      ["volume", "what", "volume volumename volumeid persistentvolumeclaim mountpoint device disk filesystem"],
      ["partition", "what", "partition shard shardid"],
      ["cache", "what", "cachecluster cacheclusterid cachenodeid"],
      ["region", "scope", "region awsregion cloudregion datacenter dc"],
      ["cluster", "scope", "cluster clustername kubeclustername k8sclustername"],
      ["tenant", "scope", "tenant tenantid account accountid customer customerid"],
    ] as const
  ).flatMap(([name, role, keys]) => keys.split(" ").map((key) => [key, [name, role]] as const)),
);
const ENVIRONMENT_KEYS: ReadonlySet<string> = new Set([
  "env",
  "environment",
  "stage",
  "deploymentenvironment",
  "deploymentenvironmentname",
]);

/** What environments are called, whatever people speak; what means the same has one name. */
const ENVIRONMENTS: ReadonlyMap<string, string> = new Map(
  (
    [
      ["production", "prod prd production"],
      ["staging", "staging stage stg"],
      ["pre-production", "preprod pre-prod preproduction"],
      ["development", "dev development develop"],
      ["test", "test testing qa uat"],
      ["sandbox", "sandbox"],
    ] as const
  ).flatMap(([name, words]) => words.split(" ").map((word) => [word, name] as const)),
);
/** As words of a title they may mean something else. */
const AMBIGUOUS: ReadonlySet<string> = new Set(["stage", "test", "testing", "development", "develop", "sandbox", "production"]);

const LONGEST_TEXT = 8_000;

/** `key: value` of a line and `key:value`, `key=value` within one; keys without the names of what they are nested in. */
function* pairsIn(text: string): Generator<readonly [key: string, value: string]> {
  const short = text.slice(0, LONGEST_TEXT);
  const named = /(?<![\w.@/-])(?<key>[A-Za-z_][\w.-]{0,60})(?:[:=]|: )(?<value>"[^"\n]{1,200}"|[\w*][\w.*/:-]{0,200})/g;
  for (const { groups = {} } of short.matchAll(named)) {
    const { key = "", value = "" } = groups;
    const last = key.split(".").at(-1) ?? "";
    for (const name of new Set([last, key])) yield [name.toLowerCase().replaceAll(/[^a-z0-9]/g, ""), clean(value)];
  }
}

const clean = (value: string): string =>
  value
    .replaceAll('"', "")
    .replace(/[.:]+$/, "")
    .trim()
    .toLowerCase();

export interface Resource {
  /** "host", "queue", …: one name for all keys that mean it. */
  readonly kind: string;
  readonly role: Role;
  readonly value: string;
}

/** An alert is about few things; each is held against those of all other pages. */
const MOST_RESOURCES = 50;

/** Resources that a page names by key: `host:web-1`, `dbinstanceidentifier: orders-7`. */
export function resourcesOf(text: string): Resource[] {
  const found = new Map<string, Resource>();
  for (const [key, value] of pairsIn(text)) {
    const known = KEYS.get(key);
    if (known !== undefined && value !== "" && value !== "*") found.set(`${known[0]}\n${value}`, { kind: known[0], role: known[1], value });
    if (found.size >= MOST_RESOURCES) break;
  }
  return [...found.values()];
}

/** The environment that a page names, by one name for all that mean it; null: it names none, or more than one. */
export function environmentOf(title: string, details: string): string | null {
  const named = new Set<string>();
  for (const [key, value] of pairsIn(`${title}\n${details}`)) if (ENVIRONMENT_KEYS.has(key)) named.add(environmentName(value));
  if (named.size === 0)
    for (const token of tokensOf(title)) {
      const known = ENVIRONMENTS.get(token.toLowerCase());
      if (known !== undefined && !AMBIGUOUS.has(token.toLowerCase())) named.add(known);
    }
  const [only = null] = named;
  return named.size === 1 ? only : null;
}

export const environmentName = (value: string): string => ENVIRONMENTS.get(value.trim().toLowerCase()) ?? value.trim().toLowerCase();

const tokensOf = (text: string): string[] => text.slice(0, 500).match(/[\p{L}\p{N}][\p{L}\p{N}_./@-]*[\p{L}\p{N}]|[\p{L}\p{N}]/gu) ?? [];

/** A figure that was measured, with or without its unit: it differs from page to page of one alert. */
const MEASURED = /^[\d.,]*\d(?:%|[a-zµ]{1,3}(?:\/[a-z]{1,4})?)?$/iu;
/** A name that somebody gave to a thing: letters with digits, or words that are joined. */
const IDENTIFIER = /\p{L}.*\p{N}|\p{N}.*\p{L}|\p{L}[_./@-]+\p{L}/u;

/**
 * How two titles speak of one alert: `same`, `other-resource` (equal but for identifiers), or `unknown` (they say different things).
 * @param ownNames names of each page's own service, which differ where the services do
 * @param known whether a word is the name of something that was read
 */
export function compareTitles(
  a: string,
  b: string,
  ownNames: readonly [readonly string[], readonly string[]],
  known: (word: string) => boolean,
): { readonly how: "same" | "unknown" } | { readonly how: "other-resource"; readonly names: readonly [string, string] } {
  const [left, right] = [tokensOf(without(a, ownNames[0])), tokensOf(without(b, ownNames[1]))];
  if (left.length !== right.length || left.length === 0) return { how: "unknown" };
  let other: readonly [string, string] | null = null;
  let equal = 0;
  for (const [index, token] of left.entries()) {
    const facing = right[index] ?? "";
    if (token.toLowerCase() === facing.toLowerCase()) {
      equal += 1;
      continue;
    }
    if (isMeasured(token, left, index, a) && isMeasured(facing, right, index, b)) continue;
    const isNamed = (word: string) => IDENTIFIER.test(word) || /^\d+$/.test(word) || known(word);
    if (!isNamed(token) || !isNamed(facing)) return { how: "unknown" };
    other ??= [token, facing];
  }
  if (other === null) return { how: "same" };
  return equal === 0 ? { how: "unknown" } : { how: "other-resource", names: other };
}

/** A whole number behind a word ("shard 7") may be a name; behind a sign, or with a part or unit, it was measured. */
function isMeasured(token: string, tokens: readonly string[], index: number, text: string): boolean {
  if (!MEASURED.test(token)) return false;
  if (!/^\d+$/.test(token)) return true;
  const before = tokens[index - 1] ?? "";
  const at = text.indexOf(`${before} ${token}`);
  if (before === "" || at < 0) return true;
  return /^\s*(?:%|[a-zµ]{1,2}\b|percent)/iu.test(text.slice(at + before.length + 1 + token.length));
}

const without = (title: string, names: readonly string[]): string =>
  names
    .filter((name) => name.length >= 2)
    .toSorted((a, b) => b.length - a.length)
    .reduce((text, name) => replaceWord(text, name), title);

/** Takes a name out where it stands by itself: `shop` is no part of `shop-db`. */
function replaceWord(text: string, name: string): string {
  const lower = text.toLowerCase();
  const wanted = name.toLowerCase();
  const isPart = (at: number) => /[\p{L}\p{N}_-]/u.test(text[at] ?? " ");
  let kept = "";
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
    if (isPart(at - 1) || isPart(at + wanted.length)) continue;
    kept += `${text.slice(from, at)}§`;
    from = at + wanted.length;
  }
  return kept + text.slice(from);
}

import { withoutEnd } from "./figures.ts";

/** Which services a text or a record names. */

/** Catalog name of each name (lower case) that a service has anywhere. */
export type ServiceNames = ReadonlyMap<string, string>;

const NO_SERVICES: readonly string[] = [];
const SERVICE_NAME = /[\p{L}\p{N}_][\p{L}\p{N}_-]*/gu;
/** What a platform puts behind the name of a deployment. */
const POD_PART = /^(?:[a-z0-9]{5}|[a-f0-9]{6,10}|\d{1,3})$/;

/** The service of a name, or of its pod: `payments-7d9f6c-x2k8p` is of payments. */
function serviceOf(word: string, names: ServiceNames): string | undefined {
  const known = names.get(word) ?? names.get(withoutEnd(word, "-_"));
  if (known !== undefined) return known;
  let name = word;
  for (let cuts = 0; cuts < 2; cuts++) {
    const end = name.lastIndexOf("-");
    if (end < 1 || !POD_PART.test(name.slice(end + 1))) return undefined;
    name = name.slice(0, end);
    const service = names.get(name);
    if (service !== undefined) return service;
  }
  return undefined;
}

/** Rows of an answer name the same few services in the same short texts, so those of the last ones are remembered, by the catalog. */
const LONGEST_KEPT = 500;
const MOST_KEPT = 5_000;
const kept = new WeakMap<ServiceNames, Map<string, readonly string[]>>();

/** The services that a text names, by themselves or by their pods, as the catalog names them. */
export function servicesIn(text: string, names: ServiceNames): readonly string[] {
  if (names.size === 0 || text === "") return NO_SERVICES;
  if (text.length > LONGEST_KEPT) return namedIn(text, names);
  const own = kept.get(names) ?? new Map<string, readonly string[]>();
  kept.set(names, own);
  let services = own.get(text);
  if (services === undefined) {
    if (own.size >= MOST_KEPT) own.clear();
    own.set(text, (services = namedIn(text, names)));
  }
  return services;
}

function namedIn(text: string, names: ServiceNames): readonly string[] {
  const found = new Set<string>();
  for (const [word] of text.matchAll(SERVICE_NAME)) {
    const name = serviceOf(word.toLowerCase(), names);
    if (name !== undefined) found.add(name);
  }
  return found.size === 0 ? NO_SERVICES : [...found];
}

/** Whether a record is of one of the services in question: it names none, or one of them. */
export const isOwnRecord = (record: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length === 0 || record.length === 0 || record.some((name) => wanted.includes(name));

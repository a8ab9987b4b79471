/** Readers for fields whose place differs between agents, SDKs and pipelines. Tags are `key:value`; a bare tag has no value. */

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** Paths by where they can be cut, for each is looked for in thousands of records. Tools bring paths of the model's, so it is bounded. */
const cuts = new Map<string, readonly (readonly [head: string, tail: string])[]>();
const MOST_PATHS = 1_000;

function cutsOf(path: string): readonly (readonly [head: string, tail: string])[] {
  const known = cuts.get(path);
  if (known !== undefined) return known;
  const words = path.split(".");
  const made = words.slice(1).map((_, at) => [words.slice(0, at + 1).join("."), words.slice(at + 1).join(".")] as const);
  if (cuts.size >= MOST_PATHS) cuts.clear();
  cuts.set(path, made);
  return made;
}

/** The value at a dotted path, whether it is nested (`{a:{b:1}}`), flat (`{"a.b":1}`) or part nested, part flat. */
export function fieldAt(source: unknown, path: string): unknown {
  if (!isRecord(source)) return undefined;
  if (path in source) return source[path];
  for (const [head, tail] of cutsOf(path)) {
    const inner = fieldAt(source[head], tail);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** First of these paths that holds words or a number, as text; null when none does. */
export function textAt(source: unknown, ...paths: readonly string[]): string | null {
  for (const path of paths) {
    const value = fieldAt(source, path);
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number" || typeof value === "bigint") return String(value);
  }
  return null;
}

const COLON = 58;

/** Value of the first tag with one of these keys, in the order of the keys. */
export function tagValue(tags: readonly string[], ...keys: readonly string[]): string | null {
  for (const key of keys)
    for (const tag of tags)
      if (tag.length > key.length + 1 && tag.charCodeAt(key.length) === COLON && tag.startsWith(key)) return tag.slice(key.length + 1);
  return null;
}

/** Epoch milliseconds, or null where the text is no instant. */
export function instantOf(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  const at = typeof value === "number" ? value : Date.parse(value);
  return Number.isFinite(at) ? at : null;
}

const podKeys = ["pod_name", "kube_pod_name", "kubernetes.pod_name", "kubernetes.pod.name", "k8s.pod.name"];

/** What identifies an instance of a service: the pod, else the host. */
export function instanceOf(tags: readonly string[], attributes: readonly unknown[], host: string | null | undefined): string | null {
  for (const source of attributes) {
    const pod = textAt(source, ...podKeys);
    if (pod !== null) return pod;
  }
  return tagValue(tags, "pod_name", "kube_pod_name") ?? (host == null || host === "" ? tagValue(tags, "host") : host);
}

/** Used where a source names no service. */
export const UNKNOWN_SERVICE = "unknown";

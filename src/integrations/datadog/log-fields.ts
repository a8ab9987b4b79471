import type { Unnumbered } from "../../incident/answer.ts";
import type { LogLine } from "../../incident/telemetry.ts";

/** Fields of a line by their dotted path (`http.status_code`), as text. */
export type LogFields = Readonly<Record<string, string>>;

/** A line with the fields beside its words. Only tools look at these; triage does without. */
export interface FieldedLine extends Unnumbered<LogLine> {
  readonly fields: LogFields;
}

const MOST_FIELDS = 40;
const DEEPEST = 3;
const LONGEST_KEY = 60;
const LONGEST_VALUE = 120;
/** Fields that a line has as such: its words, time, level and ids. */
const SAID_ELSEWHERE =
  /^(?:message|msg|event|timestamp|time|status|level|severity|service|(?:dd\.|otel\.)?(?:trace|span)_?id|error(?:\..*)?|pod_name|kube_pod_name|host)$/i;

/** Fields of a line's attributes that are text, numbers or flags; long and deep ones are left out. */
export function fieldsOf(attributes: unknown): LogFields {
  const found: Record<string, string> = {};
  let left = MOST_FIELDS;
  const visit = (value: unknown, path: string, depth: number): void => {
    if (left === 0) return;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      const text = String(value);
      if (path === "" || path.length > LONGEST_KEY || text === "" || text.length > LONGEST_VALUE || SAID_ELSEWHERE.test(path)) return;
      found[path] = text;
      left -= 1;
    } else if (typeof value === "object" && value !== null && !Array.isArray(value) && depth < DEEPEST) {
      for (const [key, inner] of Object.entries(value)) visit(inner, path === "" ? key : `${path}.${key}`, depth + 1);
    }
  };
  visit(attributes, "", 0);
  return found;
}

const PAIRS = /(?:^|[\s,{(;])"?([A-Za-z_][\w.-]{0,59})"?(?:=|":\s?)(?:"([^"\n]{1,120})"|([^\s",;{}()[\]]{1,120}))/g;
/** Characters of a line in which pairs are looked for. */
const PAIRED = 2_000;

/** Pairs that a line's own words hold: `key=value` and `"key": value`. */
export function pairsIn(message: string): LogFields {
  const found: Record<string, string> = {};
  for (const [, key, quoted, plain] of message.slice(0, PAIRED).matchAll(PAIRS)) {
    const value = quoted ?? plain ?? "";
    if (key !== undefined && value !== "" && Object.keys(found).length < MOST_FIELDS) found[key] ??= value;
  }
  return found;
}

/** All that a line says as field and value: its attributes, else pairs in its words. */
export const allFields = (line: FieldedLine): LogFields => ({ ...pairsIn(line.message), ...line.fields });

import type { RestAlert } from "./schema.ts";

/** Longest text made of one page's alerts, characters. A monitor's payload may be 512 KB; what people and analysis read is its head. */
const LONGEST_DETAILS = 20_000;
const LONGEST_VALUE = 4_000;
const DEEPEST = 8;

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

/** JSON inside a string, as e-mail and older integrations send it; null when it is none. */
function embeddedJson(value: string): object | null {
  const trimmed = value.trim();
  if (!/^(?:\{[^]*\}|\[[^]*\])$/.test(trimmed)) return null;
  try {
    const parsed: unknown = JSON.parse(trimmed);
    return typeof parsed === "object" ? parsed : null;
  } catch {
    return null;
  }
}

/** Cuts between characters, never inside one. */
export function cutText(value: string, longest: number): string {
  const characters = [...value];
  return characters.length <= longest
    ? value
    : `${characters.slice(0, longest).join("")}… (${characters.length - longest} more characters)`;
}

/** A value as JSON. What is nested thousands of levels deep is not written out: no stack reaches so far. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return "(nested too deeply to be shown)";
    throw error;
  }
}

/** Later lines of a value are indented, so that they can't pass for keys of their own. */
const entry = (key: string, value: string): string => {
  const lines = cutText(value.replaceAll("\r\n", "\n").trim(), LONGEST_VALUE).split("\n");
  return `${key === "" ? "" : `${key}: `}${lines.join("\n  ")}`;
};

function flatten(key: string, value: unknown, depth: number, lines: string[]): void {
  if (value === null || value === undefined || value === "") return;
  if (typeof value === "string") {
    const inside = depth < DEEPEST ? embeddedJson(value) : null;
    if (inside === null) lines.push(entry(key, value));
    else flatten(key, inside, depth + 1, lines);
  } else if (isScalar(value)) {
    lines.push(entry(key, String(value)));
  } else if (Array.isArray(value)) {
    if (value.length > 0 && value.every((item) => isScalar(item))) lines.push(entry(key, value.join(", ")));
    else if (depth >= DEEPEST) lines.push(entry(key, jsonText(value)));
    else value.forEach((item, index) => flatten(`${key}[${index}]`, item, depth + 1, lines));
  } else if (typeof value === "object") {
    if (depth >= DEEPEST) lines.push(entry(key, jsonText(value)));
    else for (const [name, inner] of Object.entries(value)) flatten(key === "" ? name : `${key}.${name}`, inner, depth + 1, lines);
  }
}

/** A monitor's payload (any JSON, or JSON in a string) as lines "key: value"; nested keys joined by dots, empty values left out. */
export function flattenDetails(details: unknown): string {
  const lines: string[] = [];
  flatten("", details, 0, lines);
  return lines.join("\n");
}

/** One alert as text: its summary where it says more than the page's title, its details, its links. */
export function alertText(alert: RestAlert, pageTitle: string): string {
  const details = flattenDetails(alert.body?.details);
  const summary = alert.summary === null || alert.summary === pageTitle ? "" : alert.summary;
  const links = (alert.body?.contexts ?? []).flatMap(({ href, src, text }) => {
    const url = href ?? src;
    return url === null ? [] : [`link: ${url}${text === null ? "" : ` (${text})`}`];
  });
  return [summary, details, ...links].filter((part) => part !== "").join("\n");
}

/**
 * The alerts of a page as one text, newest PagerDuty order kept, equal ones once.
 * @returns the text, at most {@link LONGEST_DETAILS} characters, and what was cut, or null
 */
export function detailsText(alerts: readonly RestAlert[], pageTitle: string): { text: string; cut: string | null } {
  const texts = [...new Set(alerts.map((alert) => alertText(alert, pageTitle)))].filter((text) => text !== "");
  const whole = texts.join("\n\n");
  const characters = [...whole];
  if (characters.length <= LONGEST_DETAILS) return { text: whole, cut: null };
  return {
    text: characters.slice(0, LONGEST_DETAILS).join(""),
    cut: `first ${LONGEST_DETAILS} of ${characters.length} characters of the alerts' bodies; open the page in PagerDuty for the rest`,
  };
}

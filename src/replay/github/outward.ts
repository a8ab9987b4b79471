import { isObject } from "../json.ts";
import { accountJson } from "./recorded-pulls.ts";
import type { ShaBook } from "./shas.ts";

/** How the emulator's answers are turned into the replay's. */
export interface Outward {
  /** Base of the emulator's own URLs. */
  readonly from: string;
  /** Base under which the caller sees the replay. */
  readonly to: string;
  readonly shas: ShaBook;
  /** What is added to the emulator's pull request numbers. */
  readonly numberOffset: number;
}

/** Fields of which the text is a person's: never touched, whatever it looks like. */
const prose = new Set(["message", "body", "title", "content", "patch", "description", "name", "login", "email", "path", "filename"]);
const accountKeys = new Set(["owner", "user", "creator", "organization"]);
const sha = /^[0-9a-f]{40}$/;

function pathOut(path: string, { to, shas, numberOffset }: Outward): string {
  const outside = shas.urlToOutside(path);
  const shift = (_whole: string, before: string, number: string) => before + (Number(number) + numberOffset);
  return to + outside.replace(/(\/(?:pulls|issues|pull)\/)(\d+)/, shift);
}

/** A value of an answer with recorded shas, outside URLs and outside pull request numbers. */
export function outwardValue(value: unknown, how: Outward, key = ""): unknown {
  if (typeof value === "string") {
    if (prose.has(key)) return value;
    if (sha.test(value)) return how.shas.toOutside(value);
    return value.startsWith(how.from) ? pathOut(value.slice(how.from.length), how) : value;
  }
  if (Array.isArray(value)) return value.map((item) => outwardValue(item, how, key));
  if (!isObject(value)) return value;
  const shown = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, outwardValue(item, how, name)]));
  const { number, url, login, full_name: fullName } = value;
  // The emulator's organisations lack what every account has, and its repositories what one of a new repository has.
  if (typeof login === "string" && !("followers_url" in value) && accountKeys.has(key))
    Object.assign(shown, { ...accountJson(login, how.to, value["type"] === "User" ? "User" : "Organization"), ...shown });
  if (typeof fullName === "string" && "forks_count" in value) {
    shown["pushed_at"] ??= value["updated_at"];
    Object.assign(shown, { network_count: 0, subscribers_count: 0, ...shown });
  }
  if (typeof number === "number" && typeof url === "string" && /\/(pulls|issues)\/\d+$/.test(url))
    shown["number"] = number + how.numberOffset;
  return shown;
}

/** A Link header; its URLs are the emulator's, under whatever host it was asked. */
export const outwardLink = (link: string, how: Outward): string =>
  link.replaceAll(/<([^>]+)>/g, (_whole, url: string) => {
    const { pathname, search } = new URL(url);
    return `<${pathOut(pathname + search, how)}>`;
  });

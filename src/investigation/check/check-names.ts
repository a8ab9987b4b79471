import { isSameChange } from "./change-rules.ts";
import { withoutCode } from "./check-quotes.ts";
import { cite, type Checking, miss } from "./checking.ts";
import type { Claimed } from "./figures.ts";
import { problemOf } from "./problem.ts";
import { isDenied, isSupposed } from "./quoted-words.ts";

/** Names in a text: of what the evidence names, with digits in them or as only code writes them. */

/** "#405" may be the line of a class that the answer names with it: `BasicServiceImpl#405`. */
function isLineOfCode(text: string, line: string): boolean {
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + line.length))
    if (/[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && !/\d/.test(text.charAt(at + line.length))) return true;
  return false;
}

async function citeHolder(checking: Checking, holder: number): Promise<void> {
  if (!checking.cited.includes(holder)) cite(checking, await checking.open(holder));
}

/** A name with digits: of a change, a pod, a version, a pull request, an evidence entry. */
export async function checkName(checking: Checking, token: Claimed): Promise<void> {
  const { evidence, cited, answers, text } = checking;
  switch (token.kind) {
    case "evidence":
      if (!evidence.exists(token.value)) miss(checking, problemOf("unknown-mark", token.text), token.text);
      return;
    case "pull-request": {
      const number = token.value;
      const paths = [`/pull/${number}`, `/pulls/${number}`, `/issues/${number}`];
      const ways = [`#${number}`, ...paths, `PR ${number}`, `pull request ${number}`, `"number":${number}`, `"number": ${number}`];
      const isThere =
        evidence.isKnownPullRequest(number) ||
        (!/\/[^\s/]*$/.test(text.slice(0, token.start)) && answers.some(({ forms }) => isLineOfCode(forms.at(-1) ?? "", `#${number}`)));
      if (isThere) break;
      const holder = await evidence.namedIn(ways, cited);
      if (holder === null) return miss(checking, problemOf("unknown-pull-request", token.text), token.text);
      await citeHolder(checking, holder);
      break;
    }
    default: {
      if (evidence.isKnown(token.text)) {
        const owner = ownerOf(checking, token.text);
        if (owner !== null) miss(checking, problemOf("of-another", token.text, [owner.service], owner.evidence), token.text);
        break;
      }
      const version = /^v\d/i.test(token.text) ? [token.text.slice(1)] : /^\d+\.\d+\./.test(token.text) ? [`v${token.text}`] : [];
      const holder = await evidence.namedIn([token.text, ...version], cited);
      if (holder === null) return unseenName(checking, token.text, token.start);
      await citeHolder(checking, holder);
    }
  }
  checking.resolved++;
}

/** A name that is nowhere: where a text says so it is a fact of what was read, and what only would be is marked. */
function unseenName(checking: Checking, name: string, start: number): void {
  const { text, answers, cited } = checking;
  if (answers.length > 0 && isDenied(text, start, start + name.length)) checking.resolved++;
  else miss(checking, isSupposed(text, start) ? problemOf("quote-unseen", name) : problemOf("unknown-name", name, cited), name);
}

/** Hosts, paths of files, and names with underscores: nobody writes so who means a word. Those with digits are looked up as names. */
const CODE_NAME =
  /(?<![\p{L}\p{N}_./@-])(?:[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+){2,}|(?:[\p{L}\p{N}_.-]+\/)+[\p{L}\p{N}_-]+\.[a-z]{1,5}|[\p{L}\p{N}]+(?:_[\p{L}\p{N}]+)+)(?![\p{L}\p{N}_/@-])/gu;
const MOST_CODE_NAMES = 40;
const SETTING = /^\p{L}+(?:_\p{L}+)+$/u;

/** A field with its value: nobody writes `pressure=False` who does not copy it. Values that are figures are looked up as such. */
const FIELD = /(?<![\p{L}\p{N}_.=-])(\p{L}[\p{L}\p{N}_.]*)=(\p{L}[\p{L}\p{N}_-]*)(?![\p{L}\p{N}_=])/gu;

/** Fields with their values, as logs, JSON and YAML write them. @param text without its quotes */
export async function checkFields(checking: Checking, text: string): Promise<void> {
  const { evidence, cited } = checking;
  for (const [field, key = "", value = ""] of [...text.matchAll(FIELD)].slice(0, MOST_CODE_NAMES)) {
    const ways = [`${key} = `, `${key}: `, `${key}:`, `"${key}":`, `"${key}": `].flatMap((way) => [way + value, `${way}"${value}"`]);
    const holder = await evidence.namedIn([field, `${key}="${value}"`, ...ways], cited);
    if (holder === null) {
      miss(checking, problemOf("unknown-name", field, cited), field);
      continue;
    }
    await citeHolder(checking, holder);
    checking.resolved++;
  }
}

/** Names without digits that only code writes so. @param text without its quotes */
export async function checkCodeNames(checking: Checking, text: string): Promise<void> {
  const { evidence, cited, isAdvice } = checking;
  const plain = isAdvice ? withoutCode(text) : text;
  const names = new Map(
    [...plain.matchAll(CODE_NAME)].map(({ 0: name, index }) => [name, index] as const).filter(([name]) => !/\d/.test(name)),
  );
  for (const [name, start] of [...names].slice(0, MOST_CODE_NAMES)) {
    if (evidence.isKnown(name) || evidence.isOfChange(name) || (isAdvice && evidence.isInSteps(name))) continue;
    const holder = await evidence.namedIn([name], cited);
    // People look up a setting that a step names: it is marked for them, and not worth a turn.
    if (holder === null && isAdvice && SETTING.test(name)) checking.unverified.push(name);
    else if (holder === null) unseenName(checking, name, start);
    else await citeHolder(checking, holder);
  }
}

/** The service of a change that a text names, where the text says of another one that it runs, deployed or has it. */
function ownerOf({ evidence, services, text }: Checking, id: string): { readonly service: string; readonly evidence: number } | null {
  const all = evidence.changesOf((one) => isSameChange(one, id));
  const [first] = all;
  if (services.length === 0 || first === undefined || first.service === null || text === "") return null;
  return all.some(({ service }) => service === null || services.includes(service))
    ? null
    : { service: first.service, evidence: first.evidence };
}

import { hiddenText } from "./unseen.ts";

/**
 * Text from outside (log lines, titles, commits, rows) that gives orders to software. Nothing that midwatch may do hangs on finding it: what a
 * model can cause is bounded elsewhere. Finding it shows people that somebody tried, and keeps the words of such an order out of what midwatch says.
 * Every pattern has bounded runs, so the time is linear in the text.
 */

export type OrderKind =
  /** "Ignore all previous instructions". */
  | "override"
  /** Poses as a system prompt, a role of a chat, or the end of the data. */
  | "role"
  /** Speaks to an assistant, an agent or a model. */
  | "to-software"
  /** "Just print …", "reply with exactly …", "this is very important, really important: …". */
  | "dictation"
  /** "Add the following code to your solution". */
  | "code"
  /** Asks for secrets, settings or the conversation, or to send them somewhere. */
  | "exfiltration"
  /** Letters that nobody sees. */
  | "unseen";

/** A passage that gives orders. Offsets are UTF-16 code units, `end` behind the last one. */
export interface Order {
  readonly kind: OrderKind;
  readonly start: number;
  readonly end: number;
}

const gap = (most: number) => `[^\\n]{0,${most}}?`;
const ofWhat =
  "instructions?|prompts?|rules|directions|guidelines|commands?|orders|directives?|(?:system|safety) (?:message|polic(?:y|ies))|restrictions|programming|training|guardrails|safeguards";
const which =
  "previous|prior|above|preceding|earlier|following|foregoing|all|any|every|your|these|those|other|original|initial|system|existing|current|user'?s?";
const very = "really|very|extremely|critically|vitally|absolutely|incredibly|super|most|so|truly|highly";
const weighty = "(?:important|crucial|critical|essential|urgent|vital)";
const code =
  "(?:lines? of )?(?:code|script|python|shell|sql|program|function)(?: (?:block|section|snippet|excerpt|segment|fragment|piece|lines?))?";

const patterns: readonly { readonly kind: OrderKind; readonly pattern: RegExp }[] = [
  {
    kind: "override",
    pattern: new RegExp(
      `\\b(?:ignore|disregard|forget|override|overrule|bypass|neglect|discard|skip over|pay no attention to|do not (?:follow|obey)|don't (?:follow|obey)|stop following)\\b${gap(60)}\\b(?:${which})\\b${gap(40)}\\b(?:${ofWhat}|context|text|content|data|messages?|input|paragraphs?|conversation|document|article|table|paper)\\b`,
      "gi",
    ),
  },
  {
    kind: "override",
    pattern: new RegExp(
      `\\b(?:ignore|disregard|forget)\\b${gap(20)}\\b(?:the )?(?:rest of|everything|all (?:of )?(?:this|that|the above)|this data|the (?:user|document|data|above|context|text|question|task))\\b`,
      "gi",
    ),
  },
  {
    kind: "override",
    pattern: new RegExp(
      `\\b(?:new|updated|revised|real|actual|important new|hidden|secret|additional|special) (?:${ofWhat})\\b${gap(10)}[:*\\n]`,
      "gi",
    ),
  },
  {
    kind: "override",
    pattern: new RegExp(
      `\\b(?:obey|follow|execute|perform|carry out) (?:this|these|the following|my|only (?:this|these|my))\\b${gap(30)}\\b(?:${ofWhat}|pseudocode|program|steps|tasks?)\\b`,
      "gi",
    ),
  },
  {
    kind: "role",
    pattern:
      /<\|?\/?\s{0,2}(?:im_start|im_end|system|assistant|instructions?|inst|prompt|INFORMATION|IMPORTANT|SYSTEM|(?:begin|start|end)[ _]of[ _](?:session|prompt|instructions|text|turn|data))\s{0,2}\|?>|\[\/?(?:INST|SYS)\]|<<\/?SYS>>|(?:\[(?:system|assistant|instructions?)\]\s{0,2}){2}/g,
  },
  {
    kind: "role",
    pattern:
      /(?:^|[\n.!?*#"'`>-]\s{0,4})(?:system(?: message| prompt| note| override)?|assistant|developer message|admin(?:istrator)? (?:note|message)|SYSTEM)\s{0,2}:\s{0,3}(?=[A-Za-z'"])(?=(?:[^\n]{0,80}?\b(?:ignore|print|say|you|your|must|do not|reply|respond|output|for|follow|instructions?|content)\b))/g,
  },
  {
    kind: "role",
    pattern: new RegExp(
      `(?:-{2,}|={2,}|#{2,}|\\*{2,}|\\b)\\s{0,3}(?:BEGIN|START|END)(?: OF)?(?: (?:NEW|SYSTEM|ADMIN|HIDDEN))? (?:INSTRUCTIONS?|PROMPT|REPROGRAMMING|SESSION|DIRECTIVES?|USER (?:INPUT|QUERY))\\b`,
      "g",
    ),
  },
  {
    kind: "to-software",
    pattern: new RegExp(
      `\\b(?:you are|you're|act as|acting as|pretend (?:to be|you are)|roleplay as|behave as|imagine you are)\\b${gap(30)}\\b(?:an? (?:ai|llm|assistant|chatbot|language model|helpful|unrestricted|jailbroken)|chatgpt|claude|dan|developer mode|no longer)\\b`,
      "gi",
    ),
  },
  {
    kind: "to-software",
    pattern: new RegExp(
      // "As" alone compares as often as it assigns a part, so only the part itself counts, in its own sentence.
      `\\bas\\b[^\\n.;:!?]{0,30}?\\b(?:an? (?:ai|llm|assistant|chatbot|language model|helpful|unrestricted|jailbroken)|chatgpt|claude|dan|developer mode)\\b`,
      "gi",
    ),
  },
  {
    kind: "to-software",
    pattern: new RegExp(
      `\\b(?:note|message|notice|attention|instructions?|dear|hey|hi|hello|to|for)\\b${gap(30)}\\b(?:(?:ai|a\\.i\\.) (?:agents?|assistants?|models?|systems?|bots?)|llms?|(?:large )?language models?|chat ?(?:bots?|gpt|assistants?)|you, (?:claude|gpt)|automated (?:analysis|review|assistant)|(?:sre|on-?call|coding) (?:agent|bot|assistant)s?|the (?:ai|assistant))\\b`,
      "gi",
    ),
  },
  {
    kind: "to-software",
    pattern:
      /\b(?:commit (?:it |this )?to memory|from now on,? you|remember to (?:always|never)|(?:if|when|whenever) (?:the )?(?:user|human|operator) asks?|unless (?:the )?user|your (?:final )?(?:answer|response|output|reply|summary|report) (?:must|should|has to|is to|to be))\b/gi,
  },
  {
    kind: "dictation",
    pattern: new RegExp(
      `\\b(?:print|say|output|write|reply|respond|answer|echo|repeat|return|state|display)\\b(?:(?: back)? (?:to (?:the )?user )?(?:only|just|exactly|simply|nothing (?:else )?but|with (?:only|just|exactly|the (?:following|words?|phrase|text|exact)|['"\`“])|the following|verbatim))`,
      "gi",
    ),
  },
  {
    kind: "dictation",
    pattern:
      /\b(?:just|only|simply|instead|must|please|now|always|and|then|you (?:should|will|can|need to))\s{1,3}(?:just |only |simply )?(?:print|say|output|echo|repeat|reply|respond|display|type)\b[^\n]{0,25}?["'“`:]/gi,
  },
  {
    kind: "dictation",
    pattern:
      /\b(?:do not|don't|never) (?:print|say|mention|tell|reveal|output|report|write)\b[^\n]{0,40}?\b(?:anything|any(?:one|body)|(?:the )?user|this (?:message|instruction|prompt|text)|that you)\b/gi,
  },
  {
    kind: "dictation",
    pattern:
      /\b(?:add|include|insert|append|put|mention|integrate|embed|incorporate|provide|use)\b[^\n]{0,120}?\b(?:in|to|into|with|within|of|at the end of) (?:your|the|all|every) (?:\w{1,20} )?(?:answers?|responses?|outputs?|repl(?:y|ies)|summar(?:y|ies)|reports?|solutions?|message)\b/gi,
  },
  {
    kind: "dictation",
    pattern:
      /\b(?:spell ?check|translate|summari[sz]e|print|repeat|show|reveal|output|leak|tell me|give me|what (?:is|are|were))\b[^\n]{0,40}?\b(?:(?:your|the|previous|above|initial|original) ){1,2}(?:system )?(?:prompt|instructions?|rules|guidelines)\b/gi,
  },
  // Insists twice on how much it matters: a reader is to be swayed, and no system logs so.
  {
    kind: "dictation",
    pattern: new RegExp(
      `\\b(?:this|it|that|(?:the|what) follow(?:ing|s)) is,? (?:${very}) ${weighty}\\b${gap(40)}\\b(?:${very}) ${weighty}\\b`,
      "gi",
    ),
  },
  {
    kind: "code",
    pattern: new RegExp(
      `\\b(?:add|adds?|append|use|utili[sz]e|insert|include|incorporate|embed|employ|enlist|integrate|inject|weave|meld|execute|run|apply|ensure|consider|reflect|manifest|embody|find|copy|paste)\\w{0,5}\\b${gap(90)}\\b(?:the )?(?:following|subsequent|below|next|given|specified|provided|accompanying|attached|this)\\b${gap(20)}\\b${code}\\b`,
      "gi",
    ),
  },
  {
    kind: "code",
    pattern: new RegExp(
      `\\b${code}\\b${gap(40)}\\b(?:in|into|to|as (?:a )?part of|for) (?:your|the) (?:code(?:base)?|solution|implementation|program|project|response|answer)\\b`,
      "gi",
    ),
  },
  {
    kind: "code",
    pattern: new RegExp(
      `\\b(?:your|the) (?:code(?:base)?|solution|implementation|program)\\b${gap(60)}\\b(?:following|subsequent) ${code}\\b`,
      "gi",
    ),
  },
  {
    kind: "exfiltration",
    pattern: new RegExp(
      `\\b(?:send|post|upload|e-?mail|forward|exfiltrate|transmit|leak|submit|return|print|reveal|give|output|dump|list)\\b${gap(40)}\\b(?:all|your|the user's|any)\\b${gap(20)}\\b(?:environment variables|env vars?|secrets|credentials|passwords|api[ _-]?keys|access tokens|private keys|conversation|chat history|system prompt|user(?:'s)? (?:data|names?|messages?|input))\\b`,
      "gi",
    ),
  },
  // Letters that nobody sees, and a row of marks without width: in flags and emoji there are fewer at once.
  { kind: "unseen", pattern: hiddenText },
];

/** Every passage that gives orders, first to last; they may overlap. */
export function findOrders(text: string): readonly Order[] {
  const found: Order[] = [];
  for (const { kind, pattern } of patterns) {
    // Not matchAll: it compiles each pattern again for every text.
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text))
      found.push({ kind, start: match.index, end: match.index + match[0].length });
  }
  return found.toSorted((a, b) => a.start - b.start || b.end - a.end);
}

/** Replaces such words. It names nobody and nothing: the evidence keeps the text as it came. */
export const ORDER_LEFT_OUT = "(words that give orders to software, left out)";

/** What parts a text from outside from the words around it: a quote that opens, code, a colon with a blank, a line's end. */
const EDGE = /(?<![\p{L}\p{N}])["'‘“](?=\S)|`|: |\n|\| /gu;
const LONGEST_LEAD = 400;

/** Where the text around an order begins: behind the last edge before it, so that what comes before the order in it goes too. */
function beginningOf(text: string, order: number): number {
  const from = Math.max(0, order - LONGEST_LEAD);
  const last = [...text.slice(from, order).matchAll(EDGE)].at(-1);
  return last === undefined ? from : from + last.index + last[0].length;
}

/** Begins each line of a text from outside in the views of tools. */
const CONTINUES = "  | ";

/** Where it ends: at the code's or the text's end. Words behind an order are part of it more often than not. */
function endOf(text: string, from: number): number {
  // A block of code inside is part of it; one backtick ends the code around all of it.
  const tick = text.slice(from).search(/(?<!`)`(?!`)/);
  let line = text.indexOf("\n", from);
  while (line >= 0 && text.startsWith(CONTINUES, line + 1)) line = text.indexOf("\n", line + 1);
  const ends = [tick < 0 ? -1 : from + tick, line].filter((at) => at >= 0);
  return ends.length === 0 ? text.length : Math.min(...ends);
}

/** Passages of a text that give orders, whole: with what leads up to each and what follows it. First to last, apart. */
export function orderPassages(text: string): readonly { readonly start: number; readonly end: number }[] {
  const passages: { start: number; end: number }[] = [];
  for (const order of findOrders(text)) {
    const last = passages.at(-1);
    if (last !== undefined && order.end <= last.end) continue;
    const start = Math.max(last?.end ?? 0, beginningOf(text, order.start));
    passages.push({ start, end: Math.max(order.end, endOf(text, order.end)) });
  }
  return passages;
}

const LONGEST_SIGN = 120;
const MOST_SIGNS = 200;
const WORDS_OF_RUN = 4;
/** A word that no sentence has by chance: with digits, capitals or signs inside, or an address. */
const isRare = (word: string): boolean =>
  word.length >= 6 && (/[\d_@]|[a-z][A-Z]/.test(word) || /\w[.-]\w/.test(word)) && /[A-Za-z]/.test(word);
/** Each kind of mark by itself, for one quote may hold another: "reply with 'access denied.'". */
const QUOTES = [/"([^"\n]{4,120})"/g, /“([^”\n]{4,120})”/g, /`([^`\n]{4,120})`/g, /(?<![\p{L}\p{N}])['‘]([^'’\n]{4,120})['’]/gu] as const;
const BETWEEN_WORDS = /(?:\\n|[\s'"`“”()<>{}[\],;|\\/:=])+/;
const withoutEdges = (word: string): string => word.replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");

const withoutMarks = (text: string): string => text.replaceAll(/(?<=^|\s)[^\p{L}\p{N}\s]+(?=\s|$)/gu, " ");

function holds(text: string): (sign: string) => boolean {
  const plain = text.replaceAll(/\s+/g, " ").toLowerCase();
  const bare = withoutMarks(text).replaceAll(/\s+/g, " ").toLowerCase();
  return (sign) => plain.includes(sign.toLowerCase()) || bare.includes(sign.toLowerCase());
}

/**
 * By what a passage is known again when somebody repeats it elsewhere: quoted text, rare words, and runs of four words.
 * @param elsewhere what was read beside it: signs that are there too are everybody's
 */
export function orderSigns(passages: readonly string[], elsewhere: string): readonly string[] {
  const signs = new Set<string>();
  for (const passage of passages) {
    for (const quote of QUOTES) for (const [, inside = ""] of passage.matchAll(quote)) signs.add(withoutEdges(inside));
    for (const word of passage.split(BETWEEN_WORDS)) if (isRare(withoutEdges(word))) signs.add(withoutEdges(word));
    // Marks between words are none: "*/ is whole cents" would be a sign of three everyday words.
    const words = withoutMarks(passage)
      .split(/\s+/)
      .filter((word) => word !== "");
    for (let at = 0; at + WORDS_OF_RUN <= words.length; at++) signs.add(withoutEdges(words.slice(at, at + WORDS_OF_RUN).join(" ")));
  }
  const isElsewhere = holds(elsewhere);
  return [...signs].filter((sign) => sign.length >= 4 && sign.length <= LONGEST_SIGN && !isElsewhere(sign)).slice(0, MOST_SIGNS);
}

/** Whether a text repeats such a sign, however its letters are cased, its blanks are set, and with or without marks between words. */
export const repeatsOrder = (text: string, signs: readonly string[]): boolean => signs.some(holds(text));

/** Whether a sentence is the team's own words: its runbooks, skills and catalog may tell people and software what to do. */
export type IsTrusted = (sentence: string) => boolean;

const nobodys: IsTrusted = () => false;

/** Without what lists, emphasis and code add to words, so that a step is the same with and without its number. */
const bareWords = (text: string): string =>
  text
    .replaceAll(/[*_`#>|]|^\s*(?:\d+[.)]|[-+])\s+/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .toLowerCase();

/** Knows the sentences of texts that operators wrote. A sentence counts whole: what somebody adds to it is not theirs. */
export function trustedWords(texts: readonly string[]): IsTrusted {
  // By paragraph and by line: a sentence may go over several lines, and a heading or an item has no mark at its end.
  const all = [...new Set(texts.flatMap((text) => [text, ...text.split(/\n\s*\n/), ...text.split("\n")]).map(bareWords))].filter(
    (text) => text !== "",
  );
  if (all.length === 0) return nobodys;
  return (sentence) => {
    const words = bareWords(sentence);
    return words !== "" && all.some((text) => holdsWhole(text, words));
  };
}

/** Whether a text holds these words from the start of one of its sentences to the end of one. */
function holdsWhole(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const before = text.slice(0, at).trimEnd();
    const after = text.slice(at + words.length);
    if ((before === "" || /[.!?:;]$/.test(before)) && (after === "" || /[.!?]$/.test(words) || /^\s*[.!?;]/.test(after))) return true;
  }
  return false;
}

/** The sentence around a place of a text, without the marks that part it from others. */
function sentenceAround(text: string, start: number, end: number): string {
  const from = [...text.slice(0, start).matchAll(/[.!?:;]\s+|\n/g)].at(-1);
  const rest = /[.!?](?=\s|$)|\n/.exec(text.slice(end));
  return text.slice(from === undefined ? 0 : from.index + from[0].length, rest === null ? text.length : end + rest.index + 1);
}

/**
 * The text without passages that give orders, and without its sentences that repeat a sign of one.
 * @param isTrusted sentences of the team's own, which stay
 */
export function withoutOrders(text: string, signs: readonly string[] = [], isTrusted: IsTrusted = nobodys): string {
  let clean = "";
  let at = 0;
  const orders = findOrders(text);
  // Whole texts first: a step of a runbook is often several sentences.
  if ((orders.length > 0 || signs.length > 0) && isTrusted(text)) return text;
  const strange = orders.filter(({ kind, start, end }) => kind === "unseen" || !isTrusted(sentenceAround(text, start, end)));
  const passages =
    strange.length === 0 ? [] : orderPassages(text).filter((one) => strange.some(({ start }) => start >= one.start && start < one.end));
  for (const { start, end } of passages) {
    clean += `${text.slice(at, start)}${ORDER_LEFT_OUT}`;
    at = end;
  }
  clean += text.slice(at);
  if (signs.length === 0 || !repeatsOrder(clean, signs)) return clean;
  const sentences = clean.split(/(?<=[.!?;\n])(?=\s|$)/);
  const kept = sentences.map((sentence) => (repeatsOrder(sentence, signs) && !isTrusted(sentence) ? ` ${ORDER_LEFT_OUT}` : sentence));
  // A sign may span two sentences.
  const others = kept.filter((sentence) => !isTrusted(sentence)).join("");
  return repeatsOrder(others, signs) ? ORDER_LEFT_OUT : kept.join("").trimStart();
}

/** Plain data with {@link withoutOrders} done to all its texts; whatever is no text stays as it is. */
export function dataWithoutOrders<T>(value: T, signs: readonly string[], isTrusted: IsTrusted = nobodys): T {
  const clean = (part: unknown): unknown => {
    if (typeof part === "string") return withoutOrders(part, signs, isTrusted);
    if (Array.isArray(part)) return part.map(clean);
    if (typeof part !== "object" || part === null || part instanceof Uint8Array) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, clean(inner)]));
  };
  return clean(value) as T;
}

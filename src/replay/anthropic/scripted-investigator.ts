import type { Json } from "../../incident/model.ts";
import { unfenced } from "./fence.ts";
import { scriptedPostmortem } from "./scripted-postmortem.ts";
import type { ModelApiRequest, Script, ScriptedAnswer, ScriptedBlock } from "./server.ts";

/**
 * A model's place taken by plain code that knows no case: it reads what a model is shown, asks the tools that fit, and hands in a finding made of
 * words, figures and quotes that it was shown. It proves that agent, tools, checks and reports work together. It thinks nothing, so what it
 * finds says nothing about what a model would find.
 */

/** One call of a tool with its answer. */
interface Call {
  readonly name: string;
  readonly input: { readonly [key: string]: Json };
  readonly result: string;
  readonly failed: boolean;
}

interface Suspect {
  readonly service: string;
  readonly instance: string | null;
  readonly fault: string | null;
  readonly probability: number;
  readonly reasons: readonly Line[];
}

/** A line of the digest with the evidence that it names at its end. */
interface Line {
  readonly text: string;
  readonly evidence: readonly number[];
}

interface Opening {
  readonly service: string;
  readonly title: string;
  readonly verdict: "incident" | "inconclusive" | "nothing-wrong";
  readonly because: string;
  readonly suspects: readonly Suspect[];
  readonly sections: ReadonlyMap<string, readonly Line[]>;
  /** Sources with what kept them from being read. */
  readonly refused: readonly { readonly source: string; readonly detail: string }[];
  readonly runbook: string | null;
}

const FAULTS = "cpu|memory|network|latency|error|code|overload|config|dependency";

const lineOf = (line: string): Line => {
  const found = /^(.*?)\s*\[(E\d+(?: E\d+)*)\]:?$/.exec(line.trim());
  return found === null
    ? { text: line.trim(), evidence: [] }
    : { text: found[1] ?? "", evidence: (found[2] ?? "").split(" ").map((mark) => Number(mark.slice(1))) };
};

/** Reads the first message as a person would: by its headings. */
function readOpening(text: string): Opening {
  const sections = new Map<string, Line[]>();
  const suspects: (Omit<Suspect, "reasons"> & { reasons: Line[] })[] = [];
  let heading = "";
  for (const line of text.split("\n")) {
    const title = /^([A-Z][A-Z' ]+[A-Z])(?=$|,| \()/.exec(line)?.[1];
    if (title !== undefined) {
      heading = title;
      if (!sections.has(heading)) sections.set(heading, []);
    } else if (line.trim() !== "") sections.get(heading)?.push(lineOf(line));
    if (heading !== "SUSPECTS BY THE DATA ALONE") continue;
    const found = new RegExp(`^\\d+\\. (\\S+)(?: \\((\\S+)\\))? (?:(${FAULTS}) )?(\\d\\.\\d\\d)`).exec(line);
    if (found !== null)
      suspects.push({
        service: found[1] ?? "",
        instance: found[2] === undefined || found[2] === found[1] ? null : found[2],
        fault: found[3] ?? null,
        probability: Number(found[4]),
        reasons: [],
      });
    else if (line.startsWith("   - ")) suspects.at(-1)?.reasons.push(lineOf(line.slice(5)));
  }
  const page = /^Page: (\S+): (.*) at [\d:]+ UTC/m.exec(text);
  const verdict = /^TRIAGE'S VERDICT: (incident|recovered|inconclusive|nothing-wrong)\n<data \w+>\n(.*)$/m.exec(text);
  const coverage = [...text.matchAll(/^([A-Z][\w ]+): (?:failed|timed-out)(?: \((.*)\))?$/gm)];
  return {
    service: page?.[1] ?? "",
    title: page?.[2] ?? "",
    verdict: verdict?.[1] === "incident" || verdict?.[1] === "nothing-wrong" ? verdict[1] : "inconclusive",
    because: verdict?.[2] ?? "",
    suspects,
    sections,
    refused: coverage.map(([, source = "", detail = "no answer"]) => ({ source, detail })),
    runbook: /^Runbook (\S+): /m.exec(text)?.[1] ?? null,
  };
}

/** Every call of the conversation so far with its answer, in order. */
function callsOf(body: ModelApiRequest): Call[] {
  const uses = new Map<string, Pick<Call, "name" | "input">>();
  const calls: Call[] = [];
  for (const message of body.messages) {
    for (const block of message.content) {
      if (block.type === "tool_use" && "input" in block && typeof block.id === "string")
        uses.set(block.id, { name: String(block.name), input: block.input as Call["input"] });
      if (block.type !== "tool_result" || typeof block.tool_use_id !== "string") continue;
      const use = uses.get(block.tool_use_id);
      if (use !== undefined) calls.push({ ...use, result: unfenced(String(block.content ?? "")), failed: block.is_error === true });
    }
  }
  return calls;
}

const openingText = (body: ModelApiRequest) =>
  body.messages[0]?.content.map((block) => (block.type === "text" && "text" in block ? String(block.text) : "")).join("\n") ?? "";

const call = (tool: string, input: { readonly [key: string]: Json }): ScriptedBlock => ({ tool, input });

const wordsOf = (text: string) => new Set(text.toLowerCase().match(/[a-z]{4,}/g) ?? []);

/** The skill whose line shares most words with the page and its first suspect. */
function fittingSkill(system: string, opening: Opening): string | null {
  const about = wordsOf(`${opening.title} ${opening.because} ${opening.suspects[0]?.reasons.map(({ text }) => text).join(" ") ?? ""}`);
  const skills = [...system.matchAll(/^- ([a-z][a-z0-9-]+): (.*)$/gm)].map(([, name = "", text = ""]) => ({
    name,
    words: [...wordsOf(`${name.replaceAll("-", " ")} ${text}`)],
  }));
  // A word that many skills have says nothing.
  const worth = (word: string) => (about.has(word) ? 1 / skills.filter(({ words }) => words.includes(word)).length ** 2 : 0);
  const scored = skills.map(({ name, words }) => ({ name, score: words.reduce((sum, word) => sum + worth(word), 0) }));
  return scored.toSorted((one, other) => other.score - one.score)[0]?.name ?? null;
}

const cut = (text: string, longest: number) => (text.length <= longest ? text : `${text.slice(0, longest - 2).replace(/\s+\S*$/, "")}`);

/** As {@link cut} for what is said and not quoted: a cut shows. */
const told = (text: string, longest: number) => (text.length <= longest ? text : `${cut(text, longest - 2)} …`);

/** The deploy that a suspect's reasons name. */
const deployOf = (suspect: Suspect | undefined) =>
  suspect?.reasons.map(({ text }) => /^deploy \S+@([0-9a-f]{7,40})\b/.exec(text)?.[1]).find((sha) => sha !== undefined) ?? null;

/** Texts that are verbatim somewhere in an answer, by the digest: samples after a bar, events, code spans, issue titles. */
function quotable(opening: Opening, suspect: Suspect | undefined): { text: string; evidence: number }[] {
  const own = (line: Line) => suspect === undefined || line.text.includes(suspect.service);
  const lines = [
    ...(suspect?.reasons ?? []),
    ...(opening.sections.get("LOG PATTERNS") ?? []).filter(own),
    ...(opening.sections.get("EVENTS") ?? []).filter(own),
  ];
  const found = lines.flatMap(({ text, evidence: [number] }) => {
    if (number === undefined) return [];
    const pieces = [...text.matchAll(/`([^`]{12,300})`/g)].map(([, code = ""]) => code);
    const sample = / \| (.+)$/.exec(text)?.[1];
    const event = /^[\d:]{8} \S+ (?:critical|error|warning|info) .*?: (.+)$/.exec(text)?.[1];
    return [sample, event?.split(": ").at(-1), /^new error, .*?: (.+)$/.exec(text)?.[1], ...pieces]
      .flatMap((piece) => piece ?? [])
      .filter((piece) => !/<(?:\*|number|ip|id|path)>/.test(piece))
      .map((piece) => ({ text: cut(piece.replace(/\S*\s*…$/, "").trimEnd(), 160), evidence: number }));
  });
  return found.filter(({ text }, index) => text.length >= 12 && found.findIndex((one) => one.text === text) === index).slice(0, 8);
}

/** How raw JSON holds a text. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

/** Services from the root of the digest's slowest request down to a service, with the evidence of that request. */
function callersOf(opening: Opening, body: string, service: string): { services: string[]; evidence: number } | null {
  const from = body.indexOf("\nslowest request");
  if (from < 0) return null;
  const [head = "", ...rows] = body.slice(from + 1).split("\n");
  const evidence = lineOf(head).evidence[0];
  const chain: { depth: number; service: string }[] = [];
  for (const row of rows) {
    const found = /^( {2,})\S+ (?:min|ms|s|h|µs) (\S+) /.exec(row);
    if (found === null) break;
    const depth = (found[1] ?? "").length;
    while ((chain.at(-1)?.depth ?? 0) >= depth) chain.pop();
    chain.push({ depth, service: found[2] ?? "" });
    if (found[2] === service) {
      const services = [...new Set(chain.map((one) => one.service))];
      return evidence === undefined || services[0] !== opening.service ? null : { services, evidence };
    }
  }
  return null;
}

/** First questions: the fitting skill, the board, and what the first suspect says of itself. */
function firstRound(opening: Opening, system: string): ScriptedBlock[] {
  const [first] = opening.suspects;
  const service = first?.service ?? opening.service;
  const skill = fittingSkill(system, opening);
  const claims = [
    ...opening.suspects
      .slice(0, 2)
      .map((one) => told(`${one.service} causes it: ${one.reasons[0]?.text ?? "it left its usual range"}`, 150)),
    `Nothing is wrong with ${opening.service}, and the page is a false alarm`,
  ];
  return [
    ...(skill === null ? [] : [call("read_skill", { name: skill })]),
    call("hypotheses", {
      changes: claims.map((claim) => ({ id: null, claim, status: "open", evidence: [], because: null })),
    }),
    call("datadog_logs", { service, limit: 8 }),
    call("datadog_monitors", { limit: 5 }),
    call("datadog_events", { limit: 8 }),
  ];
}

/** What separates the suspects: diffs, spans, metrics, the database. */
function secondRound(opening: Opening, has: (tool: string) => boolean): ScriptedBlock[] {
  const [first] = opening.suspects;
  const service = first?.service ?? opening.service;
  const deploy = deployOf(first);
  return [
    call("datadog_metrics", { service, limit: 8 }),
    ...(opening.sections.has("REQUESTS")
      ? [call("datadog_spans", { service, limit: 5 }), call("datadog_trace", { service, limit: 12 })]
      : []),
    ...(opening.sections.has("ERRORS") ? [call("sentry_issues", { service, limit: 5 })] : []),
    ...(opening.sections.has("CHANGES") ? [call("github_changes", {})] : []),
    ...(deploy === null ? [] : [call("github_diff", { commit: deploy })]),
    ...(has("postgres_diagnostics") ? ["activity", "statements", "replication"].map((look) => call("postgres_diagnostics", { look })) : []),
  ];
}

/** Looks up what it means to quote in the raw answers. */
const thirdRound = (opening: Opening): ScriptedBlock[] =>
  quotable(opening, opening.suspects[0]).map(({ text, evidence }) => call("read_evidence", { evidence, find: inJson(text) }));

/** Quotes that the raw answers really hold. */
const shownQuotes = (opening: Opening, calls: readonly Call[]) =>
  quotable(opening, opening.suspects[0]).filter(({ text, evidence }) =>
    calls.some(
      ({ name, input, result }) =>
        name === "read_evidence" &&
        input["evidence"] === evidence &&
        input["find"] === inJson(text) &&
        result.includes(inJson(text)) &&
        // That it is not there repeats it.
        !result.includes("does not occur in the answer"),
    ),
  );

/** The first line of what tools answered about the suspect: facts that they computed, with the evidence behind. */
function toolFacts(calls: readonly Call[], service: string): Line[] {
  return calls.flatMap(({ name, result, failed }) => {
    const found = /^((?:E\d+ ?)+): (.{20,500})$/m.exec(result.slice(0, 800));
    if (failed || found === null || !/^(?:datadog_(?:spans|trace)|postgres_)/.test(name)) return [];
    return !result.slice(0, 800).includes(service)
      ? []
      : [
          {
            text: found[2] ?? "",
            evidence: (found[1] ?? "")
              .trim()
              .split(" ")
              .map((mark) => Number(mark.slice(1))),
          },
        ];
  });
}

interface Finding {
  readonly [key: string]: Json;
}

const asClaim = ({ text, evidence }: Line, quotes: readonly { text: string; evidence: number }[]): Json => ({
  text: told(text, 590),
  evidence: [...evidence],
  quotes: quotes.map((quote) => ({ ...quote })),
});
/** "orders: p95 latency …", and "in orders the code …" as it is. */
const causeOf = (service: string, why: string): string => (why.includes(service) ? why : `${service}: ${why}`);
const ruledOut = ({ text, evidence }: Line): Json => {
  // A title between quotation marks may hold a colon of its own.
  const what = /^(?:"[^"]*"|[^":]|:(?! ))+(?=: )/.exec(text)?.[0] ?? text;
  return { what: told(what, 280), why: told(text.slice(what.length + 2) || text, 280), evidence: [...evidence] };
};

/** A finding from what was shown, or an honest end without one. */
function findingOf(opening: Opening, calls: readonly Call[], body: string): Finding {
  const [first, ...others] = opening.suspects;
  const innocent = (opening.sections.get("RULED OUT BY THE DATA") ?? []).filter(({ evidence }) => evidence.length > 0);
  const missing: Json[] = opening.refused
    .slice(0, 6)
    .map(({ source, detail }) => ({ what: told(`${source} was not read: ${detail}`, 290), who: null }));
  const base = {
    instance: null,
    fault: null,
    change: null,
    causal_path: [],
    claims: [],
    ruled_out: [],
    impact: null,
    do_now: [],
    do_not: null,
    fix: "none",
    missing,
  };
  if (opening.verdict === "nothing-wrong" || (first === undefined && opening.verdict === "incident")) {
    const about = [...innocent, ...(opening.sections.get("SIGNALS") ?? []), ...(opening.sections.get("MONITORS") ?? [])].filter(
      ({ text, evidence }) => evidence.length > 0 && !/→/.test(text),
    );
    const own = about.filter(({ text }) => text.includes(opening.service));
    return {
      ...base,
      verdict: "nothing-wrong",
      cause: told(`Nothing is wrong with ${opening.service}: ${(innocent[0] ?? own[0])?.text ?? opening.because}`, 290),
      service: opening.service,
      confidence: 0.8,
      claims: [...new Set([...innocent, ...own])].slice(0, 6).map((line) => asClaim(line, [])),
      ruled_out: innocent.slice(0, 6).map(ruledOut),
    };
  }
  if (opening.verdict === "inconclusive" || first === undefined) {
    const stood = opening.refused.map(({ source }) => source).join(", ");
    return {
      ...base,
      verdict: "inconclusive",
      cause:
        stood === ""
          ? `What was read does not settle the cause in ${opening.service}.`
          : `${stood} could not be read, so the cause stays open.`,
      service: first?.service ?? opening.service,
      confidence: first === undefined ? 0.1 : 0.3,
      claims: (first?.reasons ?? []).slice(0, 4).map((line) => asClaim(line, [])),
      ruled_out: innocent.slice(0, 4).map(ruledOut),
    };
  }
  const quotes = shownQuotes(opening, calls);
  const deploy = deployOf(first);
  const wasRead = calls.some(({ name, failed }) => name === "github_diff" && !failed);
  const reasons = first.reasons.filter(({ text, evidence }) => evidence.length > 0 && (wasRead || !text.startsWith("deploy ")));
  const ownQuotes = (line: Line) =>
    quotes.filter(({ text, evidence }) => line.evidence.includes(evidence) && line.text.includes(text)).slice(0, 2);
  const rest = quotes.filter((quote) => !reasons.some((line) => ownQuotes(line).includes(quote)));
  const symptom = ["HOW THE PAGE SHOWS", "MONITORS", "SIGNALS"]
    .flatMap((title) => opening.sections.get(title) ?? [])
    .find(({ text, evidence }) => evidence.length > 0 && text.includes(opening.service));
  const [why] = reasons;
  const hop = (service: string, line: Line): Json => ({
    service,
    what: told(line.text.replace(`${service}: `, ""), 290),
    evidence: [...line.evidence],
  });
  const callers = callersOf(opening, body, first.service);
  const through = (service: string): Line => ({ text: `the slowest request goes through ${service}`, evidence: [callers?.evidence ?? 0] });
  const lastHop = symptom ?? (callers === null ? null : through(opening.service));
  const between = (callers?.services.slice(1, -1) ?? []).toReversed();
  return {
    ...base,
    verdict: "incident",
    cause: told(causeOf(first.service, why?.text.replace(/ \| .*$/, "") ?? "it left its usual range"), 290),
    service: first.service,
    instance: first.instance,
    fault: first.fault,
    change: deploy === null || !wasRead ? null : { id: deploy, repository: null },
    confidence: Math.min(0.9, first.probability),
    causal_path: [
      ...(why === undefined ? [] : [hop(first.service, why)]),
      ...between.map((service) => hop(service, through(service))),
      ...(first.service === opening.service || lastHop === null ? [] : [hop(opening.service, lastHop)]),
    ],
    claims: [
      ...reasons.map((line) => asClaim(line, ownQuotes(line))),
      ...rest.slice(0, 3).map((quote) => asClaim({ text: `It says “${quote.text}”`, evidence: [quote.evidence] }, [quote])),
      ...toolFacts(calls, first.service).map((line) => asClaim(line, [])),
    ].slice(0, 12),
    ruled_out: [
      ...innocent.map(ruledOut),
      ...others
        .slice(0, 3)
        .flatMap(({ service, reasons: [reason] }) =>
          reason === undefined
            ? []
            : [{ what: service, why: told(`all it shows is: ${reason.text}`, 280), evidence: [...reason.evidence] }],
        ),
    ].slice(0, 10),
    impact: symptom === undefined ? null : { text: told(symptom.text, 290), evidence: [...symptom.evidence] },
    fix: "revert",
    do_now:
      deploy === null || !wasRead
        ? opening.runbook === null
          ? []
          : [{ step: "Follow the runbook.", runbook: opening.runbook }]
        : [{ step: `Roll back ${first.service} to the version before that change.`, runbook: opening.runbook }],
  };
}

/** A finding that was sent back, without what did not hold. */
function mended(finding: Finding, problems: string): Finding {
  const gone = new Set([...problems.matchAll(/^- ([a-z_]+)\[(\d+)\]/gm)].map(([, list, index]) => `${list}[${index}]`));
  const kept = Object.fromEntries(
    Object.entries(finding).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.filter((_, index) => !gone.has(`${name}[${index}]`)) : value,
    ]),
  );
  return {
    ...kept,
    ...(/^- impact:/m.test(problems) ? { impact: null } : {}),
    ...(/^- instance:/m.test(problems) ? { instance: null } : {}),
    ...(/^- change:/m.test(problems) ? { change: null } : {}),
  };
}

/** The investigator as the script of a Messages API. Each request is answered from itself alone, so several cases may be under way at once. */
export const scriptedInvestigator: Script = ({ body }): ScriptedAnswer => {
  const worded = scriptedPostmortem(body);
  if (worded !== null) return worded;
  const text = openingText(body);
  const opening = readOpening(text);
  const system = Array.isArray(body.system) ? body.system.map(({ text: part }) => part).join("\n") : (body.system ?? "");
  const calls = callsOf(body);
  const turns = body.messages.filter(({ role }) => role === "assistant").length;
  const has = (tool: string) => body.tools?.some(({ name }) => name === tool) === true;
  const handedIn = calls.findLast(({ name }) => name === "submit_finding");
  if (handedIn !== undefined) return { blocks: [call("submit_finding", mended(handedIn.input, handedIn.result))] };
  const rounds = [firstRound(opening, system), secondRound(opening, has), thirdRound(opening)];
  const round = rounds.slice(turns).find((blocks) => blocks.length > 0) ?? [];
  if (turns < rounds.length && round.length > 0)
    return {
      blocks: [{ thinking: `Round ${turns + 1} of the questions.` }, ...round.filter((block) => "tool" in block && has(block.tool))],
    };
  const finding = findingOf(opening, calls, text);
  const claims = finding["claims"];
  const decided = Array.isArray(claims) && claims.length > 0;
  return {
    blocks: [
      ...(decided && opening.suspects[0] !== undefined && opening.verdict === "incident"
        ? [
            call("hypotheses", {
              changes: [
                {
                  id: 1,
                  claim: null,
                  status: "supported",
                  evidence: [...(opening.suspects[0].reasons[0]?.evidence ?? [])],
                  because: told(opening.suspects[0].reasons[0]?.text ?? "", 190),
                },
              ],
            }),
          ]
        : []),
      call("submit_finding", finding),
    ],
  };
};

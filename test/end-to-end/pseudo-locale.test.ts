import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoggedEvent } from "../../src/incident/event.ts";
import { viewOf } from "../../src/incident/view.ts";
import { toTimeline } from "../../src/report/timeline.ts";
import type { Script } from "../../src/replay/anthropic/server.ts";
import { calls, openScene, type Scene } from "./agent.ts";
import { patchOf, SHOP, SOON, writer } from "./patch-writer.ts";
import { pseudo, pseudoLocale } from "./pseudo-locale.ts";

/** What counts as an id or a code, in any event. */
const coded: ReadonlySet<string> = new Set(
  "type kind how verdict status code runbook name service fault path before after branch repository role action state fix seen".split(" "),
);
/** How often these come depends on how fast the machine is. */
const paced: ReadonlySet<LoggedEvent["event"]["type"]> = new Set([
  ...(["status-edited", "checks-read", "checks-looked-at", "fix-told", "fix-looked-at"] as const),
]);

function codes(value: unknown, key = ""): string[] {
  if (typeof value === "string") return coded.has(key) ? [`${key}: ${value}`] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => codes(one, Array.isArray(value) ? key : name));
}

/** All that a night came to, without a word for people. */
function outcome(log: readonly LoggedEvent[], id: string) {
  const { analysis, investigation, fixWork, proof, finished } = viewOf(log);
  const events = log.filter(({ event }) => !paced.has(event.type)).map(({ event }) => codes(event).join("\n"));
  return {
    events: events.map((one) => one.replaceAll(id, "ID").replaceAll(id.toLowerCase(), "ID")),
    shown: toTimeline(log).map(({ kind, tone, service }) => `${kind} ${tone} ${service}`),
    ends: [analysis?.verdict, investigation?.closed?.how, fixWork?.closed?.how, proof?.verdict, finished],
  };
}

const runbook = "cache-hit-rate";

/** Beside its work, the model reads a runbook, asks for a tool that there is not and hands a patch in too early: all that is known by codes. */
const talkative =
  (script: Script): Script =>
  async (request, turn) => {
    const answer = await script(request, turn);
    if (turn !== 0 || !("blocks" in answer)) return answer;
    const beside = [
      calls("read_runbook", { name: runbook }),
      calls("github_merge", { number: 1 }),
      calls("propose_fix", { title: "early" }),
    ];
    return { ...answer, blocks: [...answer.blocks, ...beside] };
  };

let scene: Scene;
const folder = SHOP("orders-wrong-total");
beforeAll(async () => {
  scene = await openScene(folder, { ci: true });
}, 120_000);
afterAll(async () => scene[Symbol.asyncDispose]());

async function night(about: { readonly withModel: boolean; readonly inPseudo: boolean }) {
  const redaction = about.inPseudo ? { redaction: pseudoLocale() } : {};
  const script = talkative(
    writer([patchOf(folder)], { finding: { confidence: 0.85, fix: "patch", do_now: [{ step: "Watch the hit rate.", runbook }] } }),
  );
  await using desk = await scene.start({ script, withoutKey: !about.withModel, instead: { ciWaits: SOON, ...redaction } });
  const incident = await desk.page();
  const isOver = ({ event }: LoggedEvent) =>
    event.type === (about.withModel ? "fix-committed" : "investigation-finished") || event.type === "fix-declined";
  await incident.until(isOver);
  const log = about.withModel
    ? await incident.until(({ event }) => event.type === "checks-read" && event.read.role === "fix" && event.read.state === "passed")
    : await incident.log();
  return { ...outcome(log, incident.id.replace(/^pd-/, "")), report: await incident.report() };
}

test.each([
  ["the data alone", false],
  ["a model that writes a patch", true],
])("with %s, nothing is decided by words for people", async (_name, withModel) => {
  const [plain, other] = await Promise.all([night({ withModel, inPseudo: false }), night({ withModel, inPseudo: true })]);
  expect(other.events).toEqual(plain.events);
  expect(other.shown).toEqual(plain.shown);
  expect(other.ends).toEqual(plain.ends);
  // The words were really others.
  expect(plain.report).not.toMatch(/[àéö]/);
  expect(other.report).toMatch(/[àéö]/);
  if (!withModel) return;
  expect(plain.shown.filter((one) => one.includes("bad null"))).toEqual(["midwatch bad null", "fix bad null"]);
  expect(plain.events.join("\n")).toContain(`runbook: ${runbook}`);
  expect(plain.ends).toEqual(["incident", "submitted", "drafted", "proven", true]);
});

/** Words of a vendor or a library that has no code for it, of logs from before there were codes, and of a patch's code. */
const knowsWords = [
  /^incident\/old-event\.ts$/,
  /^integrations\//,
  /^replay\//,
  /^config\.ts$/,
  /^durable\/durable-sqlite\.ts$/,
  /^skills\/front-matter\.ts$/,
  /^guard\/call-errors\.ts$/,
  /^fix\/code\//,
];

test("no line of code looks for words in what is written for people", () => {
  const src = resolve(import.meta.dirname, "../../src");
  const field = String.raw`\b(?:because|fact|error|message|detail|reason|summary)\b`;
  const asks = new RegExp(
    String.raw`(?<!\w)(?:${field}\)?\??\.(?:startsWith|endsWith|includes|match|search|indexOf)\((?!"\\n"|\x60\$\{)|\.(?:test|exec)\((?:\w+\.)*${field}\)|${field} ===? ["\x60][^"\x60]* )`,
  );
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const found = files
    .filter((file) => !knowsWords.some((one) => one.test(file)))
    .flatMap((file) =>
      readFileSync(join(src, file), "utf8")
        .split("\n")
        .flatMap((line, at) => (asks.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : [])),
    );
  expect(found).toEqual([]);
});

test("the pseudo-locale leaves no word as it was", () => {
  expect(pseudo("there is no tool x: E12, 5 min")).not.toMatch(/[a-z]/i);
});

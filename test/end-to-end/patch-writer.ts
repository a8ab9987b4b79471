import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { z } from "zod";
import type { Json } from "../../src/incident/model.ts";
import type { CiWaits } from "../../src/fix/ci-watch.ts";
import type { ModelApiRequest, Script, ScriptedAnswer, ScriptedBlock } from "../../src/replay/anthropic/server.ts";
import { scriptedInvestigator } from "../../src/replay/anthropic/scripted-investigator.ts";
import { calls, openingOf, says, toldIn } from "./agent.ts";

/** Recorded incidents of a small service whose repository has a test suite that CI runs. */
export const SHOP = (name: string): string => fileURLToPath(new URL(`../scenarios/${name}`, import.meta.url));

/** A patch as a recording's folder keeps it for the tests. */
const patchSchema = z.looseObject({ title: z.string(), edits: z.array(z.looseObject({ path: z.string() })) });
export type Patch = { readonly [key: string]: Json } & { readonly edits: readonly { readonly [key: string]: Json }[] };
export const patchOf = (folder: string): Patch =>
  patchSchema.parse(JSON.parse(readFileSync(join(folder, "patch.json"), "utf8"))) as unknown as Patch;

/** CI is a child process on this machine: it is looked at more often than GitHub's. */
export const SOON: CiWaits = { first: 150, longest: 400, appear: 4_000, settle: 300, before: 60_000, after: 60_000, look: 60_000 };

/** What a model hands in as a patch: as the tool takes it, or with more than that. */
export type Attempt = { readonly [key: string]: Json };

function withFinding(answer: ScriptedAnswer, finding: Attempt): ScriptedAnswer {
  if (!("blocks" in answer)) return answer;
  return {
    ...answer,
    blocks: answer.blocks.map((block) =>
      "tool" in block && block.tool === "submit_finding" ? { ...block, input: { ...(block.input as Attempt), ...finding } } : block,
    ),
  };
}

type Block = { readonly type: string; readonly name?: string; readonly text?: string; readonly input?: unknown };
const contentOf = ({ content }: ModelApiRequest["messages"][number]): readonly Block[] => content as readonly Block[];
const FILE = "github_file";
const editSchema = z.looseObject({ path: z.string(), search: z.string() });
const attemptSchema = z.looseObject({ edits: z.array(editSchema).default([]) });
const readSchema = z.looseObject({ path: z.string() });

const suspectLine = /^\d+\. (?<service>\S+) .*\n(?<reasons>(?: {3}- .+\n)+)/gm;
const reasonLine = /^ {3}- (?<text>.+) \[E(?<at>\d+)[^\]]*\]$/gm;
const linesOf = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(({ groups = {} }) => groups);

/** An investigation in two turns, of what the opening tells and one diff: for tests that are about what comes after it. */
const briefInvestigator: Script = ({ body }, turn) => {
  const opening = openingOf(body);
  const [suspect, ...others] = linesOf(suspectLine, opening).map(({ service = "", reasons = "" }) => ({
    service,
    reasons: linesOf(reasonLine, reasons).map(({ text = "", at }) => ({ text, evidence: [Number(at)] })),
  }));
  const [shown = {}] = linesOf(/HOW THE PAGE SHOWS\n(?<paged>[^:\n]+): (?<symptom>.+?) \[E(?<at>\d+)[^\]]*\]/g, opening);
  const deployed = /deploy \S+@([0-9a-f]{7})/.exec(suspect?.reasons.map(({ text }) => text).join("\n") ?? "")?.[1];
  if (suspect === undefined || deployed === undefined) throw new Error("the opening blames no deploy");
  if (turn === 0) return says(calls("github_diff", { commit: deployed }));
  const { paged = "", symptom = "", at } = shown;
  const seen = { what: symptom, evidence: [Number(at)] };
  return says(
    calls("submit_finding", {
      verdict: "incident",
      cause: `${suspect.service} is broken since its deploy ${deployed}`,
      service: suspect.service,
      ...{ instance: null, fault: "code", change: { id: deployed, repository: null }, confidence: 0.85, fix: "patch" },
      causal_path: [
        ...suspect.reasons.slice(0, 1).map(({ text, evidence }) => ({ service: suspect.service, what: text, evidence })),
        { service: paged, ...seen },
      ],
      claims: suspect.reasons.map((reason) => ({ ...reason, quotes: [] })),
      ruled_out: others.flatMap(({ service, reasons }) =>
        reasons.slice(0, 1).map(({ text, evidence }) => ({ what: service, why: `all it shows is: ${text}`, evidence })),
      ),
      impact: { text: `${paged}: ${symptom}`, evidence: seen.evidence },
      ...{ do_now: [], missing: [] },
    }),
  );
};

export interface WriterOptions {
  /** Finds the cause. Default: from the opening and one diff. */
  readonly investigator?: Script;
  /** Instead of what it hands in as its finding. */
  readonly finding?: Attempt;
  /** Called as something is handed in or said, with its place. */
  readonly onTurn?: (index: number, body: ModelApiRequest) => unknown;
}

/**
 * A model's place: code finds the cause; then, for each patch, it reads the files that the patch changes and hands it in, with the evidence
 * of what it read.
 * @param turns a patch, or blocks to say instead, one after the other; the last one comes again
 */
export const writer =
  (
    turns: readonly (Attempt | readonly ScriptedBlock[])[],
    { investigator = briefInvestigator, finding = {}, onTurn }: WriterOptions = {},
  ): Script =>
  async (request, turn) => {
    const { body } = request;
    const askedAt = body.messages.findIndex(
      (message) => message.role === "user" && contentOf(message).some(({ text }) => text?.startsWith("Your finding was accepted") === true),
    );
    if (askedAt < 0) return withFinding(await investigator(request, turn), finding);
    const uses = body.messages
      .slice(askedAt)
      .filter(({ role }) => role === "assistant")
      .map((message) => contentOf(message).filter(({ type }) => type === "tool_use"));
    const index = uses.filter((blocks) => blocks.some(({ name }) => name !== FILE)).length;
    const next = turns[Math.min(index, turns.length - 1)];
    if (next === undefined) throw new Error("nothing to hand in");
    if (isSaid(next)) {
      await onTurn?.(index, body);
      return says(...next);
    }
    const read = new Set(uses.flat().flatMap(({ name, input }) => (name === FILE ? [readSchema.parse(input).path] : [])));
    const { edits } = attemptSchema.parse(next);
    const unread = [...new Set(edits.filter(({ search }) => search !== "").map(({ path }) => path))].filter((path) => !read.has(path));
    if (unread.length > 0) return says(...unread.map((path) => calls(FILE, { path })));
    await onTurn?.(index, body);
    const evidence = toldIn(body)
      .results.flatMap(({ text }) => [...text.slice(0, 200).matchAll(/\bE(\d+)\b/g)].map(([, number]) => Number(number)))
      .slice(-2);
    return says(calls("propose_fix", { decline: null, ...next, evidence: [...new Set(evidence)] }));
  };

const isSaid = (turn: Attempt | readonly ScriptedBlock[]): turn is readonly ScriptedBlock[] => Array.isArray(turn);

/** As {@link writer}, with a whole investigation by plain code, which is made sure enough for a patch. */
export const patchWriter = (...patches: readonly Attempt[]): Script =>
  writer(patches, { investigator: scriptedInvestigator, finding: { confidence: 0.85, fix: "patch" } });

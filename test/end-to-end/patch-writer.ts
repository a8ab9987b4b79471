import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { z } from "zod";
import type { Json } from "../../src/incident/model.ts";
import type { CiWaits } from "../../src/investigation/fix-plan.ts";
import type { ModelApiRequest, Script, ScriptedAnswer } from "../../src/replay/anthropic/server.ts";
import { scriptedInvestigator } from "../scripted-investigator.ts";
import { calls, says, toldIn } from "./agent.ts";

/** Recorded incidents of a small service whose repository has a test suite that CI runs. */
export const SHOP = (name: string): string => fileURLToPath(new URL(`../scenarios/${name}`, import.meta.url));

/** A patch as a recording's folder keeps it for the tests. */
const patchSchema = z.looseObject({ title: z.string(), edits: z.array(z.looseObject({ path: z.string() })) });
export type Patch = { readonly [key: string]: Json } & { readonly edits: readonly { readonly [key: string]: Json }[] };
export const patchOf = (folder: string): Patch =>
  patchSchema.parse(JSON.parse(readFileSync(join(folder, "patch.json"), "utf8"))) as unknown as Patch;

/** CI is a child process on this machine: it is looked at more often than GitHub's. */
export const SOON: CiWaits = { first: 150, longest: 400, appear: 4_000, settle: 300, before: 60_000, after: 60_000 };

/** The finding of plain code, sure enough for a patch. */
function wantsPatch(answer: ScriptedAnswer): ScriptedAnswer {
  if (!("blocks" in answer)) return answer;
  return {
    ...answer,
    blocks: answer.blocks.map((block) =>
      "tool" in block && block.tool === "submit_finding"
        ? { ...block, input: { ...(block.input as { readonly [key: string]: Json }), confidence: 0.85, fix: "patch" } }
        : block,
    ),
  };
}

const usesOf = (body: ModelApiRequest, name: string) =>
  body.messages.flatMap(({ role, content }) =>
    role === "assistant"
      ? (content as readonly { readonly type: string; readonly name?: string }[]).filter((one) => one.name === name)
      : [],
  ).length;

/**
 * A model's place: plain code finds the cause, then reads the files that the patch names and hands it in, with the evidence of what it read.
 * @param patches one for each attempt; the last one is handed in again
 */
export const patchWriter = (...patches: readonly { readonly [key: string]: Json }[]): Script => {
  return (request, turn) => {
    const { body } = request;
    const proposed = usesOf(body, "propose_fix");
    const isAsked = body.messages.some(
      ({ role, content }) =>
        role === "user" &&
        (content as readonly { readonly type: string; readonly text?: string }[]).some(
          ({ type, text }) => type === "text" && text?.startsWith("Your finding was accepted") === true,
        ),
    );
    if (!isAsked) {
      const answer = scriptedInvestigator(request, turn);
      return wantsPatch(answer as ScriptedAnswer);
    }
    const patch = patches[Math.min(proposed, patches.length - 1)];
    if (patch === undefined) throw new Error("no patch to write");
    const edits = (patch["edits"] ?? []) as readonly { readonly path: string; readonly search: string }[];
    const paths = [...new Set(edits.filter(({ search }) => search !== "").map(({ path }) => path))];
    const read = toldIn(body).results.map(({ text }) => text);
    const unread = paths.filter((path) => !read.some((text) => text.includes(path) && /^\s*\d+\s*\| /m.test(text)));
    if (unread.length > 0 && proposed === 0) return says(...unread.map((path) => calls("github_file", { path })));
    const evidence = read.flatMap((text) => [...text.slice(0, 200).matchAll(/\bE(\d+)\b/g)].map(([, number]) => Number(number))).slice(-2);
    return says(calls("propose_fix", { ...patch, decline: null, evidence: [...new Set(evidence)] }));
  };
};

import { z } from "zod";
import type { Json } from "../../incident/model.ts";
import { unfenced } from "./fence.ts";
import { scriptedInvestigator } from "./scripted-investigator.ts";
import type { ModelApiRequest, Script, ScriptedAnswer } from "./server.ts";

/** A patch that somebody wrote down beside a recording, as the tool propose_fix takes it, without evidence. */
export const writtenPatchSchema = z.looseObject({
  title: z.string(),
  edits: z.array(z.looseObject({ path: z.string(), search: z.string() })).min(1),
});
export type WrittenPatch = z.output<typeof writtenPatchSchema>;

const FILE = "github_file";
/** How sure the scripted finding is made where a patch is to follow: plain code doubts more than the patch's author. */
const SURE = 0.85;

interface Block {
  readonly type: string;
  readonly name?: string;
  readonly text?: string;
  readonly input?: { readonly path?: unknown };
  readonly content?: unknown;
}
const blocksOf = ({ content }: ModelApiRequest["messages"][number]): readonly Block[] => content as readonly Block[];

function asksForPatch(answer: ScriptedAnswer): ScriptedAnswer {
  if (!("blocks" in answer)) return answer;
  const blocks = answer.blocks.map((block) =>
    "tool" in block && block.tool === "submit_finding" ? { ...block, input: { ...block.input, confidence: SURE, fix: "patch" } } : block,
  );
  return { ...answer, blocks };
}

/**
 * Takes a model's place with no thought at all: plain code finds the cause, then reads the files of a patch that was written down beforehand and
 * hands it in. It shows that code, checks and CI work together, and nothing about a model.
 * @param patch null: it only finds the cause
 */
export const scriptedPatch =
  (patch: WrittenPatch | null): Script =>
  async (request, turn) => {
    if (patch === null) return scriptedInvestigator(request, turn);
    const { messages } = request.body;
    const asked = messages.findIndex(
      (message) => message.role === "user" && blocksOf(message).some(({ text }) => text?.startsWith("Your finding was accepted") === true),
    );
    if (asked < 0) return asksForPatch(await scriptedInvestigator(request, turn));
    const read = new Set(
      messages
        .slice(asked)
        .flatMap(blocksOf)
        .flatMap(({ type, name, input }) => (type === "tool_use" && name === FILE ? [input?.path] : [])),
    );
    const paths = new Set(patch.edits.filter(({ search }) => search !== "").map(({ path }) => path));
    const unread = [...paths].filter((path) => !read.has(path));
    if (unread.length > 0) return { blocks: unread.map((path) => ({ tool: FILE, input: { path } })) };
    const evidence = messages
      .flatMap(blocksOf)
      .flatMap(({ type, content }) =>
        type === "tool_result" && typeof content === "string" ? [/^E(\d+)\b/.exec(unfenced(content))?.[1]] : [],
      )
      .flatMap((number) => (number === undefined ? [] : [Number(number)]));
    const input = { decline: null, ...patch, evidence: [...new Set(evidence)].slice(-2) } as { readonly [key: string]: Json };
    return { blocks: [{ tool: "propose_fix", input }] };
  };

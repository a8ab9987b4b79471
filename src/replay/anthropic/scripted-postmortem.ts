import type { ModelApiRequest } from "./request.ts";
import type { ScriptedAnswer } from "./script.ts";

const WORD = "word_postmortem";

/** Words a postmortem draft with no thought: each fact is a sentence. null: that is not what is asked. */
export function scriptedPostmortem({ tools, messages }: ModelApiRequest): ScriptedAnswer | null {
  if (tools?.some(({ name }) => name === WORD) !== true) return null;
  const text = messages
    .map(({ content }) => (typeof content === "string" ? content : content.map((block) => ("text" in block ? block.text : "")).join("\n")))
    .join("\n");
  const sentences = [...text.matchAll(/^(\d{1,3}) \[([a-z]+)\] (.+)$/gm)].map(([, number, section = "", words = ""]) => ({
    ...{ section, text: words, of: [Number(number)] },
  }));
  return { blocks: [{ tool: WORD, input: { sentences } }] };
}

import { createHash, createHmac } from "node:crypto";
import type { ApiMessage, ModelApiRequest } from "./request.ts";

/** Thinking as it goes out: with what proves on its way back that neither it nor anything before it was changed. */
export interface Signer {
  thinking(request: ModelApiRequest, text: string): { type: "thinking"; thinking: string; signature: string };
  redacted(request: ModelApiRequest, text: string): { type: "redacted_thinking"; data: string };
  /** Remembers what an answer's thinking was, by the calls it made. */
  issued(toolUseIds: readonly string[], thinking: readonly object[]): void;
  /** What is wrong with the thinking of a transcript, in the API's words, or null. */
  problem(request: ModelApiRequest): string | null;
}

const isThinking = (block: { readonly type: string }) => block.type === "thinking" || block.type === "redacted_thinking";

/** The messages as they are compared: marks of the cache move, and are no part of a conversation. */
const plain = ({ role, content }: ApiMessage): string =>
  JSON.stringify([role, content.map((block) => ({ ...block, cache_control: undefined }))]);

/** Where the tool calls of the last turn of a person begin. Before it thinking may be left out, after it not. */
function loopStart(messages: readonly ApiMessage[]): number {
  return messages.findLastIndex(({ role, content }) => role === "user" && !content.some((block) => block.type === "tool_result"));
}

/** Binds thinking to its model and its history, as the API does. The secret guards nothing: it makes signatures that a client cannot make up. */
export function createSigner(secret = "scripted-model"): Signer {
  const mac = (model: string, history: string, text: string) =>
    createHmac("sha256", secret)
      .update(JSON.stringify([model, history, text]))
      .digest("base64");
  const historyOf = (messages: readonly ApiMessage[]): string => {
    const hash = createHash("sha256");
    for (const message of messages) hash.update(plain(message)).update("\n");
    return hash.digest("base64");
  };
  const byToolUse = new Map<string, string>();

  return {
    thinking: ({ model, messages }, text) => ({ type: "thinking", thinking: text, signature: mac(model, historyOf(messages), text) }),
    redacted: ({ model, messages }, text) => {
      const sealed = Buffer.from(text).toString("base64");
      return { type: "redacted_thinking", data: `${sealed}.${mac(model, historyOf(messages), sealed)}` };
    },
    issued(ids, thinking) {
      const text = JSON.stringify(thinking);
      for (const id of ids) byToolUse.set(id, text);
    },
    problem({ model, messages }) {
      const hash = createHash("sha256");
      const start = loopStart(messages);
      for (const [index, message] of messages.entries()) {
        if (message.role === "assistant") {
          const history = hash.copy().digest("base64");
          for (const [at, block] of message.content.entries()) {
            const where = `messages.${index}.content.${at}`;
            if (block.type === "thinking" && mac(model, history, block.thinking) !== block.signature)
              return `${where}: Invalid \`signature\` in \`thinking\` block`;
            if (block.type === "redacted_thinking") {
              const [sealed = "", proof = ""] = block.data.split(".");
              if (mac(model, history, sealed) !== proof) return `${where}: Invalid \`data\` in \`redacted_thinking\` block`;
            }
          }
          const call = message.content.find((block) => block.type === "tool_use");
          const known = call === undefined ? undefined : byToolUse.get(call.id);
          if (index > start && known !== undefined && JSON.stringify(message.content.filter(isThinking)) !== known) {
            return `messages.${index}.content.0: \`thinking\` or \`redacted_thinking\` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.`;
          }
        }
        hash.update(plain(message)).update("\n");
      }
      return null;
    },
  };
}

import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sleepFor } from "../../guard/outgoing.ts";
import { readableMessages, readableRequest } from "./readable.ts";
import type { ApiMessage } from "./request.ts";
import type { Script } from "./script.ts";
import { type ScriptedModel, startScriptedModel } from "./server.ts";
import { parseWrittenAnswer, WrittenAnswerError } from "./written-answer.ts";

export interface ByHandOptions {
  /** Where requests are written and answers awaited; made when it is not there. */
  readonly folder: string;
  readonly port?: number;
  readonly apiKey?: string;
  /** How often answers are looked for. Default 250 ms. */
  readonly pollMs?: number;
  readonly log?: (line: string) => void;
}

const extensions = ["json", "yaml", "yml", "txt"];
/** Often enough for every client that waits for the next piece. */
const PING_MS = 5_000;

/** The answer once it is there and is no longer being written, with the moment of its last change. */
async function writtenAnswer(folder: string, number: string, pollMs: number, newerThan: number, signal: AbortSignal) {
  let before = "";
  for (;;) {
    signal.throwIfAborted();
    for (const extension of extensions) {
      const path = join(folder, `${number}-answer.${extension}`);
      const found = await stat(path).catch(() => null);
      if (found === null || found.size === 0 || found.mtimeMs <= newerThan) continue;
      const state = `${path} ${found.size} ${found.mtimeMs}`;
      if (state === before) return { path, extension, text: await readFile(path, "utf8"), changedAt: found.mtimeMs };
      before = state;
    }
    await sleepFor(pollMs, signal);
  }
}

const sameBeginning = (messages: readonly ApiMessage[], beginning: readonly ApiMessage[]) =>
  beginning.length > 0 &&
  beginning.length < messages.length &&
  beginning.every((message, index) => JSON.stringify(message) === JSON.stringify(messages[index]));

/**
 * A Messages API whose model is a person: request NNN is written to `NNN-request.md` (and what is new since an earlier one of the same
 * conversation to `NNN-new.md`), its answer is read from `NNN-answer.json`, `.yaml` or `.txt`. A mistake in it is in `NNN-problem.txt`, and
 * the corrected file is read again. Numbers go on after those that are in the folder.
 */
export async function startModelByHand(options: ByHandOptions): Promise<ScriptedModel> {
  const { folder, pollMs = 250, log = () => undefined } = options;
  await mkdir(folder, { recursive: true });
  const used = (await readdir(folder)).map((name) => Number(/^(\d{3,})-/.exec(name)?.[1] ?? 0));
  let last = Math.max(0, ...used);
  const seen: { readonly number: string; readonly messages: readonly ApiMessage[] }[] = [];

  const script: Script = async ({ body, signal }) => {
    const number = String(++last).padStart(3, "0");
    const { messages } = body;
    const earlier = seen.findLast((one) => sameBeginning(messages, one.messages));
    seen.push({ number, messages });
    if (earlier !== undefined) {
      const added = readableMessages(messages.slice(earlier.messages.length), earlier.messages.length);
      await writeFile(join(folder, `${number}-new.md`), `New since ${earlier.number}-request.md\n\n${added}\n`);
    }
    await writeFile(join(folder, `${number}-request.md`), readableRequest(body));
    log(
      `${number}-request.md (${messages.length} messages${earlier === undefined ? "" : `, goes on after ${earlier.number}`}); write ${number}-answer.txt`,
    );
    let readUpTo = 0;
    for (;;) {
      const { path, extension, text, changedAt } = await writtenAnswer(folder, number, pollMs, readUpTo, signal);
      try {
        const answer = parseWrittenAnswer(text, extension, body);
        log(`${number} answered from ${path}`);
        return answer;
      } catch (error) {
        if (!(error instanceof WrittenAnswerError)) throw error;
        readUpTo = changedAt;
        await writeFile(join(folder, `${number}-problem.txt`), `${error.message}\n`);
        log(`${number}: ${error.message}`);
      }
    }
  };
  return startScriptedModel({
    script,
    pingEveryMs: PING_MS,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
  });
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { WebClient } from "@slack/web-api";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { createSlackReplay } from "../../src/replay/slack/app.ts";
import { limits, refusalOfBlocks } from "../../src/replay/slack/block-kit.ts";
import { createSlackInbound, signSlack } from "../../src/replay/slack/inbound.ts";
import { listen } from "../support/loopback.ts";
import { serving } from "../support/serving.ts";

const folder = join(import.meta.dirname, "../../../shared/contracts/slack");
const present = existsSync(folder);
if (!present) console.log("Slack's contracts are not beside this repository; their tests are passed over");

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const read = (name: string): Json => {
  if (!present) return {};
  const bytes = readFileSync(join(folder, name));
  return JSON.parse((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")) as Json;
};
const at = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), value);

/** Fields of `value` that no recorded answer of Slack ever had, as paths. What holds a caller's own JSON is not looked into. */
function unknownFields(value: unknown, shape: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownFields(item, Array.isArray(shape) ? shape[0] : undefined, `${path}[]`));
  if (!isObject(value)) return [];
  if (!isObject(shape)) return [`${path} is an object`];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!(key in shape)) return [`${path}.${key}`];
    return ["blocks", "metadata", "event_payload"].includes(key) ? [] : unknownFields(inner, shape[key], `${path}.${key}`);
  });
}

describe.runIf(present)("the replayed Slack against Slack's contracts", () => {
  test("the limits are those of the documents", () => {
    const file = read("block-kit-limits.json");
    const of = (...keys: string[]) => at(file, "limits", ...keys);
    expect({
      text: limits.text,
      blockId: limits.blockId,
      actionId: limits.actionId,
      headerText: limits.headerText,
      sectionFields: limits.sectionFields,
      sectionField: limits.sectionField,
      contextElements: limits.contextElements,
      actionsElements: limits.actionsElements,
      contextActionsElements: limits.contextActionsElements,
      buttonText: limits.buttonText,
      buttonUrl: limits.buttonUrl,
      buttonValue: limits.buttonValue,
      options: limits.options,
      overflowOptions: limits.overflowOptions,
      choiceOptions: limits.choiceOptions,
      imageUrl: limits.imageUrl,
      altText: limits.altText,
      markdown: limits.allMarkdownText,
      dataTableRows: limits.dataTableRows,
      blocksPerMessage: limits.blocksPerMessage,
      attachments: limits.attachments,
    }).toEqual({
      text: of("text", "max_length"),
      blockId: of("block_id", "max_length"),
      actionId: of("action_id", "max_length"),
      headerText: of("header", "text", "max_length"),
      sectionFields: of("section", "fields", "max_items"),
      sectionField: of("section", "fields", "item_max_length"),
      contextElements: of("context", "elements", "max_items"),
      actionsElements: of("actions", "elements", "max_items"),
      contextActionsElements: of("context_actions", "elements", "max_items"),
      buttonText: of("button", "text", "max_length"),
      buttonUrl: of("button", "url", "max_length"),
      buttonValue: of("button", "value", "max_length"),
      options: of("select", "options", "max_items"),
      overflowOptions: of("overflow", "options", "max_items"),
      choiceOptions: of("checkboxes", "options", "max_items"),
      imageUrl: of("image", "image_url", "max_length"),
      altText: of("image", "alt_text", "max_length"),
      markdown: of("markdown", "text", "max_length"),
      dataTableRows: of("data_table", "rows", "max_items"),
      blocksPerMessage: at(file, "surface", "message.blocks"),
      attachments: at(file, "surface", "attachments"),
    });
    const update = at(read("api-ref-methods.json.gz"), "methods", "chat.update", "errors", "msg_too_long", "desc");
    expect(Number(/([\d,]+) characters/.exec(String(update))?.[1]?.replace(",", ""))).toBe(limits.updateText);
  });

  const valid = at(read("block-kit-fixtures.json"), "valid");
  const blocks = isObject(valid) ? Object.entries(valid).filter(([name]) => name.startsWith("blocks/")) : [];
  test.each(blocks)("the valid fixture %s is taken", (_name, block) => {
    expect(refusalOfBlocks([block])).toBeNull();
  });

  test("answers have no field that Slack's never had, and take what the SDK's own types allow", async () => {
    const replay = await createSlackReplay({ botToken: "xoxb-test" });
    await using server = await serving(replay.app);
    const shapes = at(read("response-shapes.json.gz"), "methods");
    const schemas = read("web-api-args.schema.json.gz");
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    ajv.addSchema(schemas, "slack");
    const problems: string[] = [];
    const answers: Json[] = [];
    const call = async (method: string, args: Json): Promise<Json> => {
      const type = String(at(schemas, "methods", method, "args"));
      const takes = ajv.getSchema(`slack#/definitions/X_${type}`);
      if (takes === undefined) problems.push(`${method}: the contract has no arguments of it`);
      else if (takes(args) !== true) problems.push(`${method}: ${JSON.stringify(takes.errors)}`);
      const form = new URLSearchParams(
        Object.entries(args).map(([name, value]): [string, string] => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      );
      const response = await fetch(`${server.url}/api/${method}`, {
        method: "POST",
        headers: { authorization: "Bearer xoxb-test" },
        body: form,
      });
      const answer = (await response.json()) as Json;
      if (answer["ok"] !== true) problems.push(`${method}: ${String(answer["error"])}`);
      problems.push(...unknownFields(answer, at(shapes, method), method));
      answers.push(answer);
      return answer;
    };
    const channel = replay.channelId;
    await call("auth.test", {});
    const posted = await call("chat.postMessage", {
      channel,
      text: "hi",
      blocks: [{ type: "section", text: { type: "mrkdwn", text: "*hi*" } }],
      metadata: { event_type: "midwatch", event_payload: { key: "k" } },
    });
    const ts = String(posted["ts"]);
    await call("chat.postMessage", { channel, text: "more", thread_ts: ts });
    await call("chat.update", { channel, ts, text: "edited" });
    await call("chat.getPermalink", { channel, message_ts: ts });
    await call("conversations.history", { channel, include_all_metadata: true, limit: 10 });
    await call("conversations.replies", { channel, ts, include_all_metadata: true });
    await call("conversations.info", { channel });
    await call("conversations.list", { limit: 100, exclude_archived: true });
    await call("conversations.members", { channel });
    await call("users.info", { user: replay.userIds.get("ana") ?? "" });
    await replay.close();
    expect(problems).toEqual([]);
    expect(answers).toHaveLength(11);
  });

  test("signatures are those of the vectors", () => {
    const vectors = read("signing-vectors.json")["vectors"] as Record<
      "secret" | "timestamp_header" | "body" | "signature_header",
      string
    >[];
    const sound = vectors.filter((vector) => at(vector, "valid") === true);
    expect(sound.length).toBeGreaterThan(1);
    for (const vector of sound) {
      const signed = signSlack(vector.secret, vector.body, Number(vector.timestamp_header) * 1000);
      expect(signed).toEqual({ "x-slack-request-timestamp": vector.timestamp_header, "x-slack-signature": vector.signature_header });
    }
  });

  test("what is sent to the bot has no field that Slack's payloads never had", async () => {
    await using bot = await listen((_request, response) => void response.end("ok"));
    const inbound = createSlackInbound({ signingSecret: "s" });
    await inbound.event(bot.url, {
      type: "message",
      channel: "C1",
      channel_type: "channel",
      user: "U1",
      text: "hi",
      ts: "1.1",
      event_ts: "1.1",
    });
    await inbound.action(bot.url, { user: "U1", channel: "C1", messageTs: "1.1", threadTs: "1.0", actionId: "stop", value: "1" });
    await inbound.command(bot.url, { user: "U1", userName: "ana", channel: "C1", channelName: "x", command: "/midwatch", text: "" });
    const events = at(read("event-payloads.json"), "events", "MessagePayload");
    const payloads = at(read("app-backend-payloads.json"), "payloads");
    const [event, action, command] = bot.seen.map(({ body }) => body);
    expect(unknownFields(JSON.parse(event ?? ""), events)).toEqual([]);
    const clicked = JSON.parse(new URLSearchParams(action).get("payload") ?? "") as Json;
    const shape = at(payloads, "app-backend/interactive-components/BlockActionPayload.json");
    // The samples were merged from apps without organisation-wide installation and without inputs in their messages.
    expect(unknownFields(clicked, shape).filter((field) => ![".is_enterprise_install", ".state.values"].includes(field))).toEqual([]);
    const typed = Object.fromEntries(new URLSearchParams(command));
    expect(unknownFields(typed, at(payloads, "app-backend/slash-commands/SlashCommandPayload.json"))).toEqual([]);
  });

  test("the SDK takes the answers as its own", async () => {
    const replay = await createSlackReplay({ botToken: "xoxb-test" });
    await using server = await serving(replay.app);
    const slack = new WebClient("xoxb-test", { slackApiUrl: `${server.url}/api/` });
    expect((await slack.auth.test()).bot_id).toBe("B0MIDWATCH");
    await replay.close();
  });
});

import { isObject, type Json } from "../json.ts";

/**
 * Slack's own checks of a message, so that what would be refused there is refused here.
 * Numbers: docs.slack.dev block reference, restated in the limits file of nicklambourne/slackblocks and in @slack/types; lengths are counted in
 * code points, as Slack does (an emoji outside the basic plane is one character).
 */
export const limits = {
  /** chat.update refuses more (`msg_too_long`); chat.postMessage cuts only at 40,000. */
  updateText: 4_000,
  postText: 40_000,
  blocksPerMessage: 50,
  blocksPerView: 100,
  viewTitle: 24,
  privateMetadata: 3_000,
  attachments: 100,
  /** Undocumented: `msg_blocks_too_long` was seen near this many characters over all blocks (slackapi/bolt-js#2509). */
  allBlocksText: 13_200,
  /** Over all markdown blocks of one message. */
  allMarkdownText: 12_000,
  tablesPerMessage: 1,
  text: 3_000,
  blockId: 255,
  actionId: 255,
  headerText: 150,
  sectionFields: 10,
  sectionField: 2_000,
  contextElements: 10,
  actionsElements: 25,
  contextActionsElements: 5,
  buttonText: 75,
  buttonUrl: 3_000,
  buttonValue: 2_000,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  optionText: 75,
  optionValue: 150,
  optionDescription: 75,
  optionUrl: 3_000,
  optionGroupLabel: 75,
  options: 100,
  overflowOptions: 5,
  choiceOptions: 10,
  placeholder: 150,
  imageUrl: 3_000,
  altText: 2_000,
  alertText: 200,
  inputLabel: 2_000,
  tableRows: 100,
  tableColumns: 20,
  dataTableRows: 201,
  dataTableText: 20_000,
} as const;

/** Why Slack refuses a message: the `error` of the answer, and for blocks what is wrong where. */
export interface Refusal {
  readonly error: string;
  readonly messages: readonly string[];
}

const lengthOf = (text: string): number => [...text].length;

const messageBlocks = new Set([
  "actions",
  "alert",
  "card",
  "carousel",
  "container",
  "context",
  "context_actions",
  "data_table",
  "data_visualization",
  "divider",
  "file",
  "header",
  "image",
  "input",
  "markdown",
  "plan",
  "rich_text",
  "section",
  "table",
  "task_card",
  "video",
]);

class Check {
  readonly problems: string[] = [];
  readonly #blockIds = new Set<string>();

  say(pointer: string, problem: string): void {
    this.problems.push(`${problem} [json-pointer:${pointer}]`);
  }

  string(at: string, value: unknown, max: number, min = 0): void {
    if (value === undefined) return;
    if (typeof value !== "string") return this.say(at, "must be a string");
    const length = lengthOf(value);
    if (length < min) this.say(at, `must be more than ${min - 1} characters`);
    if (length > max) this.say(at, `must be less than ${max + 1} characters`);
  }

  list(at: string, value: unknown, max: number, min = 1): Json[] {
    if (!Array.isArray(value)) {
      this.say(at, "must be an array");
      return [];
    }
    if (value.length < min) this.say(at, `no fewer than ${min} items allowed`);
    if (value.length > max) this.say(at, `no more than ${max} items allowed`);
    const objects = value.filter(isObject);
    if (objects.length < value.length) this.say(at, "items must be objects");
    return objects;
  }

  text(at: string, value: unknown, max: number, types: readonly string[] = ["plain_text", "mrkdwn"]): void {
    if (!isObject(value)) return this.say(at, "missing required field: text object");
    if (typeof value["type"] !== "string" || !types.includes(value["type"])) this.say(`${at}/type`, `must be one of: ${types.join(", ")}`);
    if (typeof value["text"] !== "string") return this.say(`${at}/text`, "missing required field: text");
    this.string(`${at}/text`, value["text"], max, 1);
  }

  optionalText(at: string, value: unknown, max: number, types?: readonly string[]): void {
    if (value !== undefined) this.text(at, value, max, types);
  }

  confirm(at: string, value: unknown): void {
    if (value === undefined) return;
    if (!isObject(value)) return this.say(at, "must be an object");
    this.text(`${at}/title`, value["title"], limits.confirmTitle, ["plain_text"]);
    this.text(`${at}/text`, value["text"], limits.confirmText);
    this.text(`${at}/confirm`, value["confirm"], limits.confirmButton, ["plain_text"]);
    this.text(`${at}/deny`, value["deny"], limits.confirmButton, ["plain_text"]);
  }

  options(at: string, value: unknown, max: number): void {
    for (const [index, option] of this.list(at, value, max).entries()) {
      const here = `${at}/${index}`;
      this.text(`${here}/text`, option["text"], limits.optionText);
      this.string(`${here}/value`, option["value"], limits.optionValue);
      this.string(`${here}/url`, option["url"], limits.optionUrl);
      this.optionalText(`${here}/description`, option["description"], limits.optionDescription);
    }
  }

  image(at: string, image: Json): void {
    const sources = [image["image_url"], image["slack_file"]].filter((source) => source !== undefined);
    if (sources.length !== 1) this.say(at, "must have exactly one of image_url, slack_file");
    this.string(`${at}/image_url`, image["image_url"], limits.imageUrl, 1);
    if (image["alt_text"] === undefined) this.say(at, "missing required field: alt_text");
    this.string(`${at}/alt_text`, image["alt_text"], limits.altText);
  }

  element(at: string, element: Json, actionIds: Set<string>): void {
    const { type, action_id: actionId } = element;
    this.string(`${at}/action_id`, actionId, limits.actionId);
    if (typeof actionId === "string") {
      if (actionIds.has(actionId)) this.say(`${at}/action_id`, `\`action_id\` "${actionId}" already exists for action`);
      actionIds.add(actionId);
    }
    this.confirm(`${at}/confirm`, element["confirm"]);
    this.optionalText(`${at}/placeholder`, element["placeholder"], limits.placeholder, ["plain_text"]);
    switch (type) {
      case "button":
        this.text(`${at}/text`, element["text"], limits.buttonText, ["plain_text"]);
        this.string(`${at}/url`, element["url"], limits.buttonUrl);
        this.string(`${at}/value`, element["value"], limits.buttonValue);
        this.string(`${at}/accessibility_label`, element["accessibility_label"], limits.accessibilityLabel);
        if (element["style"] !== undefined && element["style"] !== "primary" && element["style"] !== "danger")
          this.say(`${at}/style`, "must be one of: primary, danger");
        return;
      case "overflow":
        return this.options(`${at}/options`, element["options"], limits.overflowOptions);
      case "checkboxes":
      case "radio_buttons":
        return this.options(`${at}/options`, element["options"], limits.choiceOptions);
      case "static_select":
      case "multi_static_select":
        if ((element["options"] === undefined) === (element["option_groups"] === undefined))
          this.say(at, "must have exactly one of options, option_groups");
        if (element["options"] !== undefined) this.options(`${at}/options`, element["options"], limits.options);
        if (element["option_groups"] !== undefined) {
          for (const [index, group] of this.list(`${at}/option_groups`, element["option_groups"], limits.options).entries()) {
            this.text(`${at}/option_groups/${index}/label`, group["label"], limits.optionGroupLabel, ["plain_text"]);
            this.options(`${at}/option_groups/${index}/options`, group["options"], limits.options);
          }
        }
        return;
      case "image":
        return this.image(at, element);
      case "feedback_buttons":
        for (const which of ["positive_button", "negative_button"]) {
          const button = element[which];
          if (!isObject(button)) this.say(at, `missing required field: ${which}`);
          else {
            this.text(`${at}/${which}/text`, button["text"], limits.buttonText, ["plain_text"]);
            this.string(`${at}/${which}/value`, button["value"], limits.buttonValue);
            this.string(`${at}/${which}/accessibility_label`, button["accessibility_label"], limits.accessibilityLabel);
          }
        }
        return;
      default:
        if (typeof type !== "string" || type === "") this.say(at, "missing required field: type");
    }
  }

  elements(at: string, value: unknown, max: number): void {
    const actionIds = new Set<string>();
    for (const [index, element] of this.list(at, value, max).entries()) this.element(`${at}/${index}`, element, actionIds);
  }

  section(at: string, block: Json): void {
    if (block["text"] === undefined && block["fields"] === undefined) this.say(at, "must have one of: text, fields");
    this.optionalText(`${at}/text`, block["text"], limits.text);
    if (block["fields"] !== undefined) {
      for (const [index, field] of this.list(`${at}/fields`, block["fields"], limits.sectionFields).entries())
        this.text(`${at}/fields/${index}`, field, limits.sectionField);
    }
    const accessory = block["accessory"];
    if (isObject(accessory)) this.element(`${at}/accessory`, accessory, new Set());
    else if (accessory !== undefined) this.say(`${at}/accessory`, "must be an object");
  }

  context(at: string, block: Json): void {
    for (const [index, element] of this.list(`${at}/elements`, block["elements"], limits.contextElements).entries()) {
      const here = `${at}/elements/${index}`;
      if (element["type"] === "image") this.image(here, element);
      else this.text(here, element, limits.text);
    }
  }

  table(at: string, block: Json): void {
    const rows = Array.isArray(block["rows"]) ? (block["rows"] as unknown[]) : [];
    const data = block["type"] === "data_table";
    if (rows.length < (data ? 2 : 1)) this.say(`${at}/rows`, `no fewer than ${data ? 2 : 1} items allowed`);
    const max = data ? limits.dataTableRows : limits.tableRows;
    if (rows.length > max) this.say(`${at}/rows`, `no more than ${max} items allowed`);
    const widths = new Set(rows.map((row) => (Array.isArray(row) ? row.length : -1)));
    if (widths.size > 1) this.say(`${at}/rows`, "all rows must have the same number of cells");
    for (const width of widths) {
      if (width < 1) this.say(`${at}/rows`, "rows must hold cells");
      if (width > limits.tableColumns) this.say(`${at}/rows`, `no more than ${limits.tableColumns} cells allowed`);
    }
    if (data && allText(rows) > limits.dataTableText) this.say(`${at}/rows`, `must be less than ${limits.dataTableText + 1} characters`);
  }

  block(at: string, block: Json): void {
    const { type, block_id: blockId } = block;
    if (typeof type !== "string" || !messageBlocks.has(type)) return this.say(`${at}/type`, `unsupported type: ${String(type)}`);
    this.string(`${at}/block_id`, blockId, limits.blockId);
    if (typeof blockId === "string") {
      if (this.#blockIds.has(blockId)) this.say(`${at}/block_id`, `\`block_id\` "${blockId}" already exists`);
      this.#blockIds.add(blockId);
    }
    switch (type) {
      case "section":
        return this.section(at, block);
      case "header":
        return this.text(`${at}/text`, block["text"], limits.headerText, ["plain_text"]);
      case "context":
        return this.context(at, block);
      case "actions":
        return this.elements(`${at}/elements`, block["elements"], limits.actionsElements);
      case "context_actions":
        return this.elements(`${at}/elements`, block["elements"], limits.contextActionsElements);
      case "image":
        this.image(at, block);
        return this.optionalText(`${at}/title`, block["title"], limits.altText, ["plain_text"]);
      case "markdown":
        if (block["text"] === undefined) this.say(at, "missing required field: text");
        return this.string(`${at}/text`, block["text"], limits.allMarkdownText, 1);
      case "alert":
        return this.text(`${at}/text`, block["text"], limits.alertText);
      case "input":
        this.text(`${at}/label`, block["label"], limits.inputLabel, ["plain_text"]);
        return isObject(block["element"])
          ? this.element(`${at}/element`, block["element"], new Set())
          : this.say(at, "missing required field: element");
      case "rich_text":
        if (!Array.isArray(block["elements"])) this.say(at, "missing required field: elements");
        return undefined;
      case "table":
      case "data_table":
        return this.table(at, block);
      default:
        return undefined;
    }
  }
}

/** Characters in all text that a reader sees, whatever holds it. */
function allText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + allText(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === "text" && typeof item === "string" ? lengthOf(item) : allText(item)),
    0,
  );
}

/** What Slack says to these blocks, or null when it takes them. Card, carousel, container, plan, task and chart blocks are not looked into. */
export function refusalOfBlocks(blocks: unknown): Refusal | null {
  if (!Array.isArray(blocks)) return { error: "invalid_blocks_format", messages: [] };
  const check = new Check();
  if (blocks.length > limits.blocksPerMessage) check.say("/blocks", `no more than ${limits.blocksPerMessage} items allowed`);
  for (const [index, block] of blocks.entries()) {
    if (isObject(block)) check.block(`/blocks/${index}`, block);
    else check.say(`/blocks/${index}`, "must be an object");
  }
  const ofType = (...types: string[]) => blocks.filter((block) => isObject(block) && types.includes(String(block["type"])));
  if (ofType("table", "data_table").length > limits.tablesPerMessage) check.say("/blocks", "only one table allowed");
  if (allText(ofType("markdown")) > limits.allMarkdownText)
    check.say("/blocks", `markdown must be less than ${limits.allMarkdownText + 1} characters`);
  if (check.problems.length > 0) return { error: "invalid_blocks", messages: check.problems };
  const tables = allText(ofType("data_table"));
  return allText(blocks) - tables > limits.allBlocksText ? { error: "msg_blocks_too_long", messages: [] } : null;
}

/** What Slack says is wrong with a dialog or with App Home; nothing where it takes it. Source: docs.slack.dev "View payloads". */
export function problemsOfView(view: unknown): readonly string[] {
  const check = new Check();
  if (!isObject(view)) return ["must be an object [json-pointer:/view]"];
  const isModal = view["type"] === "modal";
  if (!isModal && view["type"] !== "home") check.say("/view/type", "must be one of: modal, home");
  const blocks = check.list("/view/blocks", view["blocks"], limits.blocksPerView, 0);
  for (const [index, block] of blocks.entries()) check.block(`/view/blocks/${index}`, block);
  if (isModal) check.text("/view/title", view["title"], limits.viewTitle, ["plain_text"]);
  for (const button of ["submit", "close"]) check.optionalText(`/view/${button}`, view[button], limits.viewTitle, ["plain_text"]);
  check.string("/view/private_metadata", view["private_metadata"], limits.privateMetadata);
  check.string("/view/callback_id", view["callback_id"], limits.actionId);
  if (isModal && view["submit"] === undefined && blocks.some(({ type }) => type === "input"))
    check.say("/view/submit", "`submit` is required when an `input` block is in the view");
  return check.problems;
}

/** A message as the Web API gets it; lists and objects parsed, `undefined` where the argument is not there. */
export interface OutgoingMessage {
  readonly text: string | undefined;
  readonly blocks: unknown;
  readonly attachments: unknown;
  readonly metadata: unknown;
}

/** What chat.postMessage or chat.update says to this message, or null when it takes it. */
export function refusalOfMessage(method: "post" | "update", message: OutgoingMessage): Refusal | null {
  const { text, blocks, attachments, metadata } = message;
  if (method === "update" && text !== undefined && lengthOf(text) > limits.updateText) return { error: "msg_too_long", messages: [] };
  if (blocks !== undefined) {
    const refusal = refusalOfBlocks(blocks);
    if (refusal !== null) return refusal;
  }
  if (attachments !== undefined) {
    if (!Array.isArray(attachments)) return { error: "invalid_attachments", messages: [] };
    if (attachments.length > limits.attachments) return { error: "too_many_attachments", messages: [] };
  }
  return metadata === undefined || isMetadata(metadata, method) ? null : { error: "invalid_metadata_format", messages: [] };
}

/** In an edit an empty object takes away what was there. */
const isMetadata = (metadata: unknown, method: "post" | "update"): boolean =>
  isObject(metadata) &&
  ((typeof metadata["event_type"] === "string" && isObject(metadata["event_payload"])) ||
    (method === "update" && Object.keys(metadata).length === 0));

import { html } from "hono/html";
import { isObject, type Json, objectsIn } from "../../json.ts";
import type { Html } from "./markup.ts";

/** What people press, choose and fill in. Source: docs.slack.dev block element reference. */

export interface ElementContext {
  /** "<message or view> <block> <element>": where it is looked up when somebody uses it. */
  readonly place: string;
  /** Id of its block. */
  readonly block: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly { readonly id: string; readonly name: string }[];
}

interface Choice {
  readonly value: string;
  readonly words: string;
}

const textOf = (value: unknown): string => (isObject(value) ? String(value["text"] ?? "") : "");
const choiceOf = (option: Json): Choice => ({ value: String(option["value"]), words: textOf(option["text"]) });
const initial = (element: Json): readonly string[] => {
  const one = element["initial_option"];
  return [...(isObject(one) ? [one] : []), ...objectsIn(element["initial_options"])].map((option) => String(option["value"]));
};

/** What a menu offers. */
export function choicesOf(element: Json, { people, channels }: Pick<ElementContext, "people" | "channels">): readonly Choice[] {
  const asChoices = (list: readonly { readonly id: string; readonly name: string }[], sign: string) =>
    list.map(({ id, name }) => ({ value: id, words: `${sign}${name}` }));
  switch (element["type"]) {
    case "users_select":
    case "multi_users_select":
      return asChoices(people, "");
    case "channels_select":
    case "conversations_select":
      return asChoices(channels, "#");
    default:
      return [...objectsIn(element["options"]), ...objectsIn(element["option_groups"]).flatMap((group) => objectsIn(group["options"]))].map(
        choiceOf,
      );
  }
}

/** Kinds of text field, and what the browser calls them. */
const FIELDS: Readonly<Record<string, string>> = {
  plain_text_input: "text",
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
};

function drawMenu(element: Json, context: ElementContext): Html {
  const { place } = context;
  const words = textOf(element["placeholder"]) || "Choose";
  const chosen = [...initial(element), String(element["initial_user"] ?? "")];
  const many = String(element["type"]).startsWith("multi_");
  return html`<select
    class="button"
    data-choose="${place}"
    data-action="${String(element["action_id"])}"
    aria-label="${words}"
    ${many ? "multiple" : ""}
  >
    ${many ? "" : html`<option value="">${words}</option>`}
    ${choicesOf(element, context).map(
      ({ value, words: option }) => html`<option value="${value}" ${chosen.includes(value) ? "selected" : ""}>${option}</option>`,
    )}
  </select>`;
}

function drawOptions(element: Json, { place, block }: ElementContext): Html {
  const type = element["type"] === "checkboxes" ? "checkbox" : "radio";
  const chosen = initial(element);
  return html`<div class="options" data-options="${place}" data-action="${String(element["action_id"])}">
    ${objectsIn(element["options"])
      .map(choiceOf)
      .map(
        ({ value, words }) =>
          html`<label
            ><input type="${type}" name="${block}" value="${value}" ${chosen.includes(value) ? "checked" : ""} /> ${words}</label
          >`,
      )}
  </div>`;
}

function drawButton(element: Json, { place }: ElementContext): Html {
  const { confirm, url, style } = element;
  const asks = isObject(confirm) ? `${textOf(confirm["title"])}\n\n${textOf(confirm["text"])}` : "";
  const className = `button ${String(style ?? "")}`;
  return typeof url === "string"
    ? html`<a class="${className}" href="${url}" data-press="${place}" target="_blank" rel="noreferrer noopener"
        >${textOf(element["text"])}</a
      >`
    : html`<button type="button" class="${className}" data-press="${place}" data-confirm="${asks}">${textOf(element["text"])}</button>`;
}

function drawOverflow(element: Json, { place }: ElementContext): Html {
  return html`<details class="menu">
    <summary class="button" aria-label="More">⋯</summary>
    <div>
      ${objectsIn(element["options"])
        .map(choiceOf)
        .map(({ value, words }) => html`<button type="button" data-press="${place}" data-value="${value}">${words}</button>`)}
    </div>
  </details>`;
}

export function drawElement(element: Json, context: ElementContext): Html {
  const type = String(element["type"]);
  const action = String(element["action_id"]);
  if (type === "button") return drawButton(element, context);
  if (type === "overflow") return drawOverflow(element, context);
  if (type === "radio_buttons" || type === "checkboxes") return drawOptions(element, context);
  if (type.endsWith("_select")) return drawMenu(element, context);
  const kind = FIELDS[type];
  if (kind === undefined) return html`<span class="muted">(a ${type} is not drawn here)</span>`;
  const { max_length: longest, initial_value: first } = element;
  const hint = textOf(element["placeholder"]);
  return element["multiline"] === true
    ? html`<textarea
        rows="4"
        data-field="${context.place}"
        data-action="${action}"
        placeholder="${hint}"
        maxlength="${Number(longest ?? 3_000)}"
      >
${String(first ?? "")}</textarea>`
    : html`<input
        type="${kind}"
        data-field="${context.place}"
        data-action="${action}"
        placeholder="${hint}"
        maxlength="${Number(longest ?? 3_000)}"
        value="${String(first ?? element["initial_date"] ?? element["initial_time"] ?? "")}"
        autocomplete="off"
      />`;
}

/** What was filled in, as Slack sends it. @param values of the page: one, of a choice of several more */
export function stateOf(element: Json, values: readonly string[], context: Pick<ElementContext, "people" | "channels">): Json {
  const type = String(element["type"]);
  const [value = ""] = values;
  const orNull = value === "" ? null : value;
  const optionOf = (wanted: string) => objectsIn(element["options"]).find((option) => option["value"] === wanted);
  switch (type) {
    case "checkboxes":
    case "multi_static_select":
      return { type, selected_options: values.flatMap((one) => optionOf(one) ?? []) };
    case "radio_buttons":
    case "static_select": {
      const found = [
        ...objectsIn(element["options"]),
        ...objectsIn(element["option_groups"]).flatMap((group) => objectsIn(group["options"])),
      ];
      return { type, selected_option: found.find((option) => option["value"] === value) ?? null };
    }
    case "multi_users_select":
      return { type, selected_users: values };
    case "users_select":
      return { type, selected_user: orNull };
    case "channels_select":
      return { type, selected_channel: orNull };
    case "conversations_select":
      return { type, selected_conversation: orNull };
    case "datepicker":
      return { type, selected_date: orNull };
    case "timepicker":
      return { type, selected_time: orNull };
    default:
      return { type, value: orNull, ...(choicesOf(element, context).length > 0 ? { selected_option: null } : {}) };
  }
}

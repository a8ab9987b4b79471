import { expect, test } from "vitest";
import { pageOfWebhook } from "../../src/integrations/pagerduty/page.ts";
import { webhookIncidentSchema } from "../../src/integrations/pagerduty/schema.ts";
import { html } from "../../src/web/html.ts";

test.each([
  ["turned\u202etxt.exe", String.raw`turned\u{202e}txt.exe`],
  ["\u001b[31mred\u0007", String.raw`\u{1b}[31mred\u{7}`],
  ["\u2066isolated\u2069", String.raw`\u{2066}isolated\u{2069}`],
  ["two\nlines\tand a tab", "two\nlines\tand a tab"],
  ["سلام، 日本語, שלום", "سلام، 日本語, שלום"],
])("what a text hides is shown on a page: %j", (text, shown) => {
  expect(String(html`<p>${text}</p>`)).toBe(`<p>${shown}</p>`);
  expect(String(html`<p>${[text, html`<b>b</b>`]}</p>`)).toBe(`<p>${shown}<b>b</b></p>`);
});

test("a title of a page is cut before it is kept", () => {
  const incident = webhookIncidentSchema.parse({ id: "P1", type: "incident", title: `down ${"x".repeat(900_000)}` });
  const { title } = pageOfWebhook(incident, { status: "triggered", createdAt: 0 });
  expect(title).toHaveLength(1_024);
  expect(title.startsWith("down xxx")).toBe(true);
});

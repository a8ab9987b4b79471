import { describe, expect, test } from "vitest";
import { changeProblems, sensitiveTextProblems } from "../../src/fix/patch-rules.ts";
import { sensitiveAsSeen, withoutOwn, withoutSensitiveAsSeen } from "../../src/fix/seen-text.ts";
import { patchAllowance } from "../../src/guard/allowances.ts";
import { createFinder } from "../../src/guard/finder.ts";
import { createRedaction } from "../../src/guard/redact.ts";
import { findSensitive, sensitiveWords, withoutSensitive } from "../../src/guard/sensitive.ts";
import { parseMcpServers } from "../../src/integrations/mcp/servers.ts";
import { OWN, allowedInPatches, random, type SensitiveCase, sensitiveCases } from "./sensitive-cases.ts";

const own = [OWN];
const redaction = createRedaction({ own, labelSecret: "of this test alone" });
const { deep, event, answer, text: redacted } = redaction.forIncident("pd-P1");
const nothing = { query: "", link: null, cut: null };

const patchProblems = (text: string) =>
  changeProblems([{ path: "services/pay/notes.txt", role: "fix", mode: "100644", before: "a\n", after: `a\n${text}\n` }], {
    attributes: [],
    manifests: [],
    own,
    named: [],
  }).problems.filter((problem) => / holds /.test(problem));

const mcpFile = (fixed: string) => `version: 1
servers:
  notes:
    url: https://mcp.example/mcp
    tools:
      search:
        pinned: { description: Searches, input: { type: object, properties: { q: { type: string } } } }
        arguments: { q: { fixed: ${JSON.stringify(fixed)} } }
`;

/** Texts that leave or are kept: the value must not be in them. */
const hiders: readonly (readonly [string, (text: string) => string])[] = [
  ["redaction of a text", redacted],
  ["redaction of a text of no incident", redaction.plain],
  ["redaction of plain data", (text) => deep([{ note: text }])[0]?.note ?? ""],
  ["redaction of an event", (text) => event({ words: [text] }, () => false).words.join("")],
  ["redaction of a message", (text) => redaction.message({ blocks: [{ say: text }] }).blocks[0]?.say ?? ""],
  ["redaction of an answer's raw text", (text) => answer({ ...nothing, raw: text, value: null }).raw],
  ["redaction of an answer's value", (text) => answer({ ...nothing, raw: "", value: { note: text } }).value.note],
  ["a pull request's words", (text) => withoutSensitiveAsSeen(text, own)],
];

/** Texts that are refused. */
const refusers: readonly (readonly [string, (text: string) => boolean])[] = [
  ["a patch", (text) => patchProblems(text).length > 0],
  ["a proposal's words", (text) => sensitiveTextProblems({ title: text }, own).length > 0],
  ["a revert", (text) => sensitiveAsSeen(text, own).size > 0],
];

const refusesMcp = (text: string): boolean => {
  try {
    parseMcpServers(mcpFile(text), []);
    return false;
  } catch (error) {
    return /holds what looks like a credential/.test(String(error));
  }
};

describe.each(sensitiveCases)("$kind in $text", ({ kind, text, value }: SensitiveCase) => {
  test("is found with its place and line by the finder", () => {
    const padded = `one\ntwo ${text}\n`;
    const found = findSensitive(padded, { allowed: patchAllowance, own });
    expect(new Set(found.map((one) => one.kind))).toEqual(new Set([kind]));
    expect(found.every((one) => one.line === 2)).toBe(true);
    // Of an encoded text several places may be midwatch's own.
    const values = found.map(({ start, end }) => padded.slice(start, end).trimEnd());
    expect(kind === "own-secret" ? values.length > 0 : values.join() === value).toBe(true);
    // Without any allowance too.
    expect(
      createFinder({ own })
        .find(padded)
        .some((one) => one.kind === kind),
    ).toBe(true);
  });

  test.each(hiders)("is hidden by %s", (_, hide) => expect(hide(`two ${text} three`)).not.toContain(value));
  test.each(refusers)("is refused in %s", (_, refuses) => expect(refuses(text)).toBe(true));
  test("is cut out of what a proposal keeps where it is midwatch's own", () => {
    expect(JSON.stringify(withoutOwn({ a: [text] }, own)).includes("[own-secret removed]")).toBe(kind === "own-secret");
  });
});

// The file of servers is the operator's: no credential of this process is known where it is read.
test.each(sensitiveCases.filter(({ secret, kind }) => secret && kind !== "own-secret"))(
  "$kind is refused as a fixed argument of an MCP server: $text",
  ({ text }) => expect(refusesMcp(text)).toBe(true),
);

test.each(allowedInPatches)("a patch may hold %s", (text) => {
  expect(findSensitive(text, { allowed: patchAllowance })).toEqual([]);
  expect(patchProblems(text)).toEqual([]);
  expect(refusesMcp(text)).toBe(false);
});

test.each([
  ["ana@example.com", "<email>"],
  ["4242 4242 4242 4242", "<card>"],
  ["AKIAIOSFODNN7EXAMPLE", "<aws-key>"],
  ["ssn: 123-45-6789", "ssn: <national-id>"],
  ['{ "firstName": "Ana" }', '{ "firstName": "<name>" }'],
  ["postgres://postgres:postgres@localhost:5432/test", "postgres://postgres:<password>@localhost:5432/test"],
])("redaction grants no allowance: %s", (text, hidden) => expect(redaction.plain(text)).toBe(hidden));

test("the caller's own values are found in spite of every allowance, too short ones are not looked for", () => {
  expect(findSensitive("a canary-value b\ncanary-value", { allowed: () => true, own: ["canary-value", "a", ""] })).toMatchObject([
    { kind: "own-secret", start: 2, end: 14, line: 1 },
    { kind: "own-secret", start: 17, end: 29, line: 2 },
  ]);
});

test("what overlaps is found once and covered whole", () => {
  const text = `token: "ghp_${random(36)}" and more`;
  const found = findSensitive(text, { allowed: patchAllowance, own: [`${random(36).slice(-20)}" and`] });
  expect(found).toHaveLength(1);
  expect(text.slice(found[0]?.start, found[0]?.end)).toBe(`ghp_${random(36)}" and`);
});

test("cut out, nothing of it is left and the words around it stay", () => {
  const cut = (text: string) => withoutSensitive(text, { allowed: patchAllowance });
  expect(cut(`call +49 170 1234567 with ghp_${random(36)}.`)).toBe("call [phone removed] with [github-token removed].");
  expect(cut("nothing here")).toBe("nothing here");
});

test("every kind of the table has words", () => {
  for (const { kind } of sensitiveCases) expect(sensitiveWords(kind)).toMatch(/^(a|an|what|one) /);
});

// A pattern that goes back over what it read would need minutes for these, and so pass the limit.
describe("a long text made to be slow is read", () => {
  const SIZE = 300_000;
  const filled = (unit: string) => unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE);
  const hard: readonly (readonly [string, string])[] = [
    ["one letter", "a"],
    ["digits", "1"],
    ["digits with blanks", "4 "],
    ["open keys", "-----BEGIN PRIVATE KEY-----"],
    ["closed keys", "-----BEGIN PRIVATE KEY----------END "],
    ["web tokens", "eyJ"],
    ["web tokens with dots", "eyJaaaaaaaaa."],
    ["web tokens apart", " eyJaaaaaaaaa.eyJaaaa"],
    ["key words", "token"],
    ["key words and blanks", "token        "],
    ["key words and separators", 'password": '],
    ["key words and open quotes", `secret="${"a".repeat(290)}`],
    ["bare values", `secret=${"a1".repeat(150)}.`],
    ["words that end badly", `secret="${"aB1".repeat(90)}x"`],
    ["signs of addresses", "a@"],
    ["addresses that never end", "a@a."],
    ["long local parts", `${"a".repeat(63)} `],
    ["phones", "+1 "],
    ["phones that end in a letter", ` +1${"1".repeat(40)}x`],
    ["phones of many groups", ` +1${" 1".repeat(12)}x`],
    ["schemes", "a://"],
    ["schemes with users", "a://b:"],
    ["bank accounts", "AB12 "],
    ["bank accounts of letters", "AB12ABCD"],
    ["tokens of vendors", "ghp_"],
    ["line breaks", "\n"],
    ["numbers of India", "2341 2341 2346 "],
    ["numbers of Switzerland", "756.9217.0769.85 "],
    ["numbers of China", "11010519491231002X "],
    ["numbers of Italy", "RSSMRA85T10A562S "],
    ["numbers of Spain", "12345678Z "],
    ["numbers of France", "2 69 05 49 588 157 80 "],
    ["numbers of Brazil", "529.982.247-25 "],
    ["sentences of China", "密码是"],
    ["sentences of China that almost say a password", `密码是${"错误的".repeat(60)}1`],
    ["sentences of Japan", "パスワードは"],
    ["sentences of Korea", "비밀번호는 "],
    ["sentences of Russia", "пароль это "],
    ["pieces", "1 "],
    ["pieces", "1-"],
    ["pieces", "4111 "],
    ["pieces", "+1 "],
    ["pieces", "(1) "],
    ["pieces", "a@"],
    ["pieces", "@a."],
    ["pieces", "a.a@a.a."],
    ["pieces", "password"],
    ["pieces", "password="],
    ["pieces", 'password:"'],
    ["pieces", "\\"],
    ["pieces", '\\"'],
    ["pieces", '"key":"'],
    ["pieces", "eyJ"],
    ["pieces", "eyJa.eyJ"],
    ["pieces", "sk-"],
    ["pieces", "AKIA"],
    ["pieces", "://"],
    ["pieces", "://a:"],
    ["pieces", "a://b:c"],
    ["pieces", "-----BEGIN PRIVATE KEY-----"],
    ["pieces", "PRIVATE KEY"],
    ["pieces", "DE44 "],
    ["pieces", "A1 "],
    ["pieces", "AB12"],
    ["pieces", "X1234567"],
    ["pieces", "<password>"],
    ["pieces", "=>"],
    ["pieces", "Aa "],
    ["pieces", "%40"],
    ["pieces", "a%40a."],
    ["pieces", "\\u0040"],
    ["pieces", "token "],
    ["pieces", "::"],
    ["pieces", "secret secret "],
  ];
  test.each(hard)("%s: %j", (_name, unit) => {
    const text = filled(unit);
    expect(findSensitive(text, { allowed: patchAllowance, own })).toBeInstanceOf(Array);
  });
});

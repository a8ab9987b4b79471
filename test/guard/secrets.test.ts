import { describe, expect, test } from "vitest";
import { type SensitiveKind, findSensitive, sensitiveWords, withoutSensitive } from "../../src/guard/secrets.ts";

/** Made up, and put together here, so that no scanner takes this file for a leak. */
const random = (length: number, alphabet = "q7Zm2XkP9vLr4TbN8wYd1HsG6cFj3RtV5nQaKeUzBxMfWy0D") =>
  Array.from({ length }, (_, index) => alphabet[(index * 7 + Math.floor(index / 5)) % alphabet.length]).join("");
const upper = (length: number) => random(length, "Q7ZM2XKP4VLR3TBN6WYD5HSG");
const hex = (length: number) => random(length, "a3f09c1e7b2d8465");

const secrets: readonly (readonly [SensitiveKind, string, string?])[] = [
  ["aws-key", `AKIA${upper(16)}`],
  ["aws-key", `ASIA${upper(16)}`],
  ["gcp-key", `AIza${random(35)}`],
  ["gcp-key", `ya29.${random(60)}`],
  ["gcp-key", `GOCSPX-${random(28)}`],
  ["azure-key", `DefaultEndpointsProtocol=https;AccountKey=${random(86)}==;EndpointSuffix=core.windows.net`, `${random(86)}==`],
  ["azure-key", `?sv=2024&sig=${random(43)}%3D`, `${random(43)}%3D`],
  ["azure-key", `a1b8Q~${random(34)}`],
  ["github-token", `ghp_${random(36)}`],
  ["github-token", `ghs_${random(36)}`],
  ["github-token", `github_pat_${random(60)}`],
  ["gitlab-token", `glpat-${random(20)}`],
  ["slack-token", `xoxb-1234567890-${random(24)}`],
  ["slack-token", `xapp-1-A0123-${random(40)}`],
  ["slack-token", `https://hooks.slack.com/services/T000/B000/${random(24)}`, `hooks.slack.com/services/T000/B000/${random(24)}`],
  ["stripe-key", `sk_live_${random(24)}`],
  ["stripe-key", `whsec_${random(32)}`],
  ["model-provider-key", `sk-ant-api03-${random(80)}`],
  ["model-provider-key", `sk-proj-${random(48)}`, random(48)],
  ["vendor-token", `npm_${random(36)}`],
  ["vendor-token", `sntrys_${random(80)}`],
  ["vendor-token", `SG.${random(22)}.${random(43)}`],
  ["vendor-token", `hvs.${random(30)}`],
  ["model-provider-key", `sk-or-v1-${hex(64)}`],
  ["model-provider-key", `sk-${hex(32)}`],
  ["model-provider-key", `gsk_${random(52)}`],
  ["model-provider-key", `xai-${random(80)}`],
  ["vendor-token", `lin_api_${random(40)}`],
  ["vendor-token", `ntn_${random(46)}`],
  ["vendor-token", `ATATT3x${random(180)}`],
  ["vendor-token", `PMAK-${hex(24)}-${hex(34)}`],
  ["vendor-token", `dckr_pat_${random(27)}`],
  ["vendor-token", `rubygems_${hex(48)}`],
  ["vendor-token", `SK${hex(32)}`],
  ["vendor-token", `AC${hex(32)}`],
  ["vendor-token", `key-${hex(32)}`],
  ["vendor-token", `figd_${random(40)}`],
  ["vendor-token", `sbp_${hex(40)}`],
  ["vendor-token", `pscale_tkn_${random(43)}`],
  ["vendor-token", `tskey-auth-${random(17)}-${random(32)}`],
  ["vendor-token", `fm2_${random(80)}`],
  ["named-secret", "PGPASSWORD=hunter psql -h db", "hunter"],
  ["sentry-dsn", `https://${hex(32)}@o1.ingest.sentry.io/42`],
  ["jwt", `eyJ${random(30)}.eyJ${random(60)}.${random(43)}`],
  ["private-key", `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n-----END RSA PRIVATE KEY-----`],
  ["private-key", `-----BEGIN PRIVATE KEY-----\\n${random(64)}\\n-----END PRIVATE KEY-----`],
  ["private-key", `-----BEGIN OPENSSH PRIVATE KEY-----\n${random(64)}`],
  ["connection-string", `postgres://app:hunter2x@db.internal:5432/shop`, "hunter2x"],
  ["connection-string", `mongodb+srv://app:${random(16)}@cluster0/shop`, random(16)],
  ["connection-string", `redis://:${random(20)}@cache:6379`, random(20)],
  ["connection-string", `Server=db;Password=Hunter-Two;Database=shop`, "Hunter-Two"],
  ["named-secret", `DB_PASSWORD="${random(16)}"`, random(16)],
  ["named-secret", `"api_key": "${random(32)}",`, random(32)],
  ["named-secret", `DD_API_KEY=${hex(32)}`, hex(32)],
  ["named-secret", `datadog_app_key: ${hex(40)}`, hex(40)],
  ["named-secret", `PAGERDUTY_TOKEN: 'u+${random(18)}'`, `u+${random(18)}`],
  ["named-secret", `pagerduty routing_key => ${hex(32)}`, hex(32)],
  ["named-secret", `aws_secret_access_key = ${random(40)}`, random(40)],
  ["named-secret", `Authorization: Bearer ${random(40)}`, random(40)],
  ["named-secret", `headers: { authorization: "Bearer ${random(40)}" }`, random(40)],
  ["named-secret", `client.secret = \`${random(24)}\``, random(24)],
];

const persons: readonly (readonly [SensitiveKind, string, string?])[] = [
  ["email", "ask ana.dev@acme.io first", "ana.dev@acme.io"],
  ["email", "<mailto:ana+x@mail.acme.co.uk>", "ana+x@mail.acme.co.uk"],
  ["card", "card 4539 1488 0343 6467 12/27", "4539 1488 0343 6467"],
  ["card", "pan=4539148803436467;", "4539148803436467"],
  ["iban", "to DE44 5001 0517 5407 3249 31 AND more", "DE44 5001 0517 5407 3249 31"],
  ["iban", "GB29NWBK60161331926819.", "GB29NWBK60161331926819"],
  ["phone", "call +49 170 1234567 now", "+49 170 1234567"],
  ["phone", "tel:+4930901820", "+4930901820"],
  ["phone", "+1 (415) 867-5309, 24 hours", "+1 (415) 867-5309"],
];

test.each([...secrets, ...persons])("%s is found in %s", (kind, text, value = text) => {
  const padded = `one\ntwo ${text}\n`;
  const found = findSensitive(padded);
  expect(found.map((one) => [one.kind, padded.slice(one.start, one.end).trimEnd(), one.line])).toEqual([[kind, value, 2]]);
});

test.each([
  "const token = await tokenCache.get(merchant);",
  "const password = config.database.password;",
  'const password = process.env.DB_PASSWORD ?? "";',
  'it("refreshes the token when the cache misses", async () => {',
  'token: "your-token-goes-here-1234"',
  "DB_PASSWORD=${DB_PASSWORD_FROM_VAULT}",
  "secretKeyRef: { name: checkout-db-2, key: password }",
  'tokenKind: "tokenCacheV2Session"',
  "password: 'correct horse battery staple'",
  "token_ttl_seconds: 86400000",
  "postgres://app:${PASSWORD}@db/shop",
  "postgres://postgres:postgres@localhost:5432/test",
  "AKIAIOSFODNN7EXAMPLE",
  "sha512-eKZcJ8RtMQ3cIaA15EgmtwG927fYnRlhtdA4Q9HAcCpAZPQhhU2XptnTH9GeAkMiX2bAXxlJSAFa9shFbztPgw==",
  "commit 9f2c1e4aa0b1c2d3e4f5060708090a0b0c0d0e0f",
  "550e8400-e29b-41d4-a716-446655440000",
  "-----BEGIN PUBLIC KEY-----",
  "git@github.com:acme/shop.git",
  "ana@example.com and ben@mail.example.org and c@shop.test",
  "logo@2x.png",
  "vitest@5.1.1, @types/node@24.19.2",
  "4242 4242 4242 4242",
  "1767225600000",
  "order 4539148803436468",
  "DE44 5001 0517 5407 3249 32",
  "+1 415 555 0123",
  "2026-05-01T03:10:55+02:00",
  "a +12 b, 1 + 12345678",
  "sk-circle-fade-dot-animation",
])("nothing is found in %s", (text) => {
  expect(findSensitive(text)).toEqual([]);
});

test("the caller's own values are found wherever they stand, too short ones are not looked for", () => {
  expect(findSensitive("a canary-value b\ncanary-value", { own: ["canary-value", "a", ""] })).toEqual([
    { kind: "own-secret", start: 2, end: 14, line: 1 },
    { kind: "own-secret", start: 17, end: 29, line: 2 },
  ]);
});

test("secrets and personal data can be looked for apart", () => {
  const text = `ana@acme.io ghp_${random(36)}`;
  expect(findSensitive(text, { find: "secrets" }).map(({ kind }) => kind)).toEqual(["github-token"]);
  expect(findSensitive(text, { find: "personal-data" }).map(({ kind }) => kind)).toEqual(["email"]);
});

test("what overlaps is told once and covered whole", () => {
  const text = `token: "ghp_${random(36)}" and more`;
  const found = findSensitive(text, { own: [`${random(36).slice(-10)}" and`] });
  expect(found).toHaveLength(1);
  expect(text.slice(found[0]?.start, found[0]?.end)).toBe(`ghp_${random(36)}" and`);
});

test("a sighting never holds the value", () => {
  const [, text] = secrets[8] ?? [];
  expect(JSON.stringify(findSensitive(text ?? ""))).not.toContain("ghp_");
});

test("cut out, nothing of it is left and the words around it stay", () => {
  expect(withoutSensitive(`call +49 170 1234567 with ghp_${random(36)}.`)).toBe("call [phone removed] with [github-token removed].");
  expect(withoutSensitive("nothing here")).toBe("nothing here");
});

test("every kind has words", () => {
  for (const [kind] of [...secrets, ...persons]) expect(sensitiveWords[kind]).toMatch(/^(a|an|what|one) /);
});

// A pattern that goes back over what it read would need minutes for these.
describe("a megabyte made to be slow is read in a time that grows as the text does", () => {
  const SIZE = 1_000_000;
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
  ];
  test.each(hard)("%s", (_name, unit) => {
    const text = filled(unit);
    const begun = performance.now();
    findSensitive(text);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

/** Made up, and put together here, so that no scanner takes this file for a leak. */
export const random = (length: number, alphabet = "q7Zm2XkP9vLr4TbN8wYd1HsG6cFj3RtV5nQaKeUzBxMfWy0D") =>
  Array.from({ length }, (_, index) => alphabet[(index * 7 + Math.floor(index / 5)) % alphabet.length]).join("");
const upper = (length: number) => random(length, "Q7ZM2XKP4VLR3TBN6WYD5HSG");
const hex = (length: number) => random(length, "a3f09c1e7b2d8465");

/** A credential of this process in the cases, and the encodings in which it travels. */
export const OWN = "own/canary&<x>'(y)!\"z+1";
const basic = (user: string) => Buffer.from(`${user}:${OWN}`).toString("base64");
const own: readonly string[] = [
  OWN,
  JSON.stringify({ note: `a ${OWN}` }),
  `https://h/p?k=${encodeURIComponent(OWN)}`,
  `${basic("a")} ${basic("ab")} ${basic("abc")}`,
  Buffer.from(OWN).toString("base64"),
  Buffer.from(OWN).toString("base64url"),
  Buffer.from(OWN).toString("hex"),
  Buffer.from(OWN).toString("hex").toUpperCase(),
  // JSON of Go, of PHP, within JSON.
  "own/canary\\u0026\\u003cx\\u003e'(y)!\\\"z+1",
  "own\\/canary&<x>'(y)!\\\"z+1",
  "own/canary&<x>'(y)!\\\\\\\"z+1",
  // URLs in lower case, of Python, within a URL; HTML.
  "own%2fcanary%26%3cx%3e'(y)!%22z%2b1",
  "own/canary%26%3Cx%3E%27%28y%29%21%22z%2B1",
  "own%252Fcanary%2526%253Cx%253E'(y)!%2522z%252B1",
  "own/canary&amp;&lt;x&gt;&#39;(y)!&quot;z+1",
];

const secrets: readonly (readonly [kind: string, text: string, value?: string])[] = [
  ...own.map((text) => ["own-secret", text] as const),
  ["credential", `secretForCheckout = "${random(24)}"`, random(24)],
  ["credential", `api_key_eu_west: ${random(24)}`, random(24)],
  ["credential", `the token is ${random(24)}`, random(24)],
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
  ["password", "PGPASSWORD=hunter psql -h db", "hunter"],
  ["sentry-dsn", `https://${hex(32)}@o1.ingest.sentry.io/42`],
  ["jwt", `eyJ${random(30)}.eyJ${random(60)}.${random(43)}`],
  ["private-key", `-----BEGIN RSA PRIVATE KEY-----\n${random(64)}\n-----END RSA PRIVATE KEY-----`],
  ["private-key", `-----BEGIN PRIVATE KEY-----\\n${random(64)}\\n-----END PRIVATE KEY-----`],
  ["private-key", `-----BEGIN OPENSSH PRIVATE KEY-----\n${random(64)}`],
  ["password", `postgres://app:hunter2x@db.internal:5432/shop`, "hunter2x"],
  ["password", `mongodb+srv://app:${random(16)}@cluster0/shop`, random(16)],
  ["password", `redis://:${random(20)}@cache:6379`, random(20)],
  ["password", `Server=db;Password=Hunter-Two;Database=shop`, "Hunter-Two"],
  ["password", `DB_PASSWORD="${random(16)}"`, random(16)],
  ["credential", `"api_key": "${random(32)}",`, random(32)],
  ["credential", `DD_API_KEY=${hex(32)}`, hex(32)],
  ["credential", `datadog_app_key: ${hex(40)}`, hex(40)],
  ["credential", `PAGERDUTY_TOKEN: 'u+${random(18)}'`, `u+${random(18)}`],
  ["credential", `pagerduty routing_key => ${hex(32)}`, hex(32)],
  ["credential", `aws_secret_access_key = ${random(40)}`, random(40)],
  ["credential", `Authorization: Bearer ${random(40)}`, random(40)],
  ["credential", `headers: { authorization: "Bearer ${random(40)}" }`, random(40)],
  ["credential", `client.secret = \`${random(24)}\``, random(24)],
];

const persons: readonly (readonly [kind: string, text: string, value?: string])[] = [
  ["email", "/unsubscribe?who=ana.dev%40acme.io&n=1", "ana.dev%40acme.io"],
  ["national-id", "ssn of the caller: 219-45-6789", "219-45-6789"],
  ["national-id", "NI number AB123456C", "AB123456C"],
  ["national-id", "CPF 529.982.247-25", "529.982.247-25"],
  ["phone", "fax (212) 867-5309", "(212) 867-5309"],
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

export interface SensitiveCase {
  readonly kind: string;
  readonly text: string;
  /** What must not leave: a part of the text, or all of it. */
  readonly value: string;
  readonly secret: boolean;
}

/** Everything that each caller of the finder must find. */
export const sensitiveCases: readonly SensitiveCase[] = [
  ...secrets.map(([kind, text, value = text]) => ({ kind, text, value, secret: true })),
  ...persons.map(([kind, text, value = text]) => ({ kind, text, value, secret: false })),
];

/** What is in code, fixtures and settings all the time: redaction may hide some of it, a patch may hold it. */
export const allowedInPatches: readonly string[] = [
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
  "ssn: 123-45-6789",
  '{ firstName: "Ana", street: "12 High Street", birthday: "1990-01-01" }',
  "continuation_token=CAESBkFCQ0RFRg0KGhsc",
  "const hint = `glpat-abcd… or eyJhbGci...`;",
  "curl -u user:password https://h",
];

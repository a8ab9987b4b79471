import { describe, expect, test } from "vitest";
import { createRedaction, type Redaction } from "../../src/guard/redact.ts";
import { parseRedactionRules } from "../../src/guard/redaction-rules.ts";

const redactionWith = (more: Partial<Parameters<typeof createRedaction>[0]> = {}): Redaction =>
  createRedaction({ own: [], labelSecret: "webhook secret of this test", ...more });
const redaction = redactionWith();
const { text: redact, answer } = redaction.forIncident("pd-P1");
const LABELLED = /^<([a-z-]+):[bcdfghjkmnpqrstvwxyz]{8}>$/;

test.each([
  ["token_2", "k3Jd82mQpX71vB", "<credential>"],
  ["password-12", "hunter2canary", "<password>"],
  ["db.password_prod", "hunter2canary", "<password>"],
  ["PGPASSWORD", "hunter2canary", "<password>"],
  ["customerPwd", "hunter2canary", "<password>"],
  ["card-cvv2", "123", "<security-code>"],
])("a field is known by its name in a text, however it is written: %s", (name, value, shown) => {
  expect(redaction.plain(`before ${name}: ${value} after`)).toBe(`before ${name}: ${shown} after`);
  expect(redaction.plain(`{"${name}":"${value}"}`)).toBe(`{"${name}":"${shown}"}`);
});

test.each([
  ["tax-id", "12345678901"],
  ["taxId", "12345678901"],
  ["phone_no", "+1 415 555 2671"],
  ["e-mail", "ana@acme.example"],
  ["address_line_1", "12 High Street"],
])("personal data too: %s", (name, value) => {
  expect(redaction.plain(`{"${name}":"${value}"}`)).not.toContain(value);
});

describe("labels", () => {
  test("the same value has the same label in one incident, however it is written, and another one in the next", () => {
    const label = redact("ana@acme.example");
    expect(label).toMatch(LABELLED);
    expect(redact("mail to ANA@acme.example; ana%40acme.example")).toBe(`mail to ${label}; ${label}`);
    expect(redact("bo@acme.example")).not.toBe(label);
    expect(redact("+49 170 1234567")).toBe(redact("+49-170-1234567"));
    expect(redaction.forIncident("pd-P2").text("ana@acme.example")).not.toBe(label);
  });

  test("another process with the same secret comes to the same label, one with another secret does not", () => {
    const label = redact("ana@acme.example");
    expect(redactionWith().forIncident("pd-P1").text("ana@acme.example")).toBe(label);
    expect(redactionWith({ labelSecret: "another" }).forIncident("pd-P1").text("ana@acme.example")).not.toBe(label);
  });

  test("secrets have no identity", () => {
    expect(redact("password=hunter22 password: 'tr0ub4dor'")).toBe("password=<password> password: '<password>'");
  });

  test("texts of no incident are hidden without identity", () => {
    expect(redaction.plain("ana@acme.example asked bo@acme.example")).toBe("<email> asked <email>");
  });
});

describe("fields by their names", () => {
  test.each([
    ['{"password":"a\\"b c"}', '{"password":"<password>"}'],
    ['{"log":"{\\"db\\":{\\"dbPassword\\":\\"xyz-1\\"},\\"n\\":1}"}', '{"log":"{\\"db\\":{\\"dbPassword\\":\\"<password>\\"},\\"n\\":1}"}'],
    ["Authorization: Bearer abc.def-ghi_jkl", "Authorization: Bearer <credential>"],
    ["Cookie: a=b; session=xyz\nHost: h", "Cookie: <cookie>\nHost: h"],
    ["mysql --password hunter22 -h db", "mysql --password <password> -h db"],
    ["curl -u admin:hunter22 https://h", "curl -u admin:<password> https://h"],
    ["sent Bearer 7f3c9a1e5b2d4f6a8c0e1b3d5f7a9c2e", "sent Bearer <credential>"],
    ["<password>hunter22</password>", "<password><password></password>"],
    ["https://u:pa55w0rd@h/p?access_token=abcdef123&x=1", "https://u:<password>@h/p?access_token=<credential>&x=1"],
    ['[["authorization","Bearer abcdef"],["accept","x"]]', '[["authorization","Bearer <credential>"],["accept","x"]]'],
    ['{"name":"x-api-key","value":"abcdef9"}', '{"name":"x-api-key","value":"<credential>"}'],
    ['{"Key":"password","Value":"hunter22"}', '{"Key":"password","Value":"<password>"}'],
    ["- name: DB_PASSWORD\n  value: hunter22\n", "- name: DB_PASSWORD\n  value: <password>\n"],
    ["+  - name: DB_PASSWORD\n+    value: 'hunter 22'\n", "+  - name: DB_PASSWORD\n+    value: '<password>'\n"],
    ["/login?next=%2Fcb%3Faccess_token%3Dabc-123%26x%3D1", "/login?next=%2Fcb%3Faccess_token%3D<credential>%26x%3D1"],
    ["User(password=b'hunter22')", "User(password=b'<password>')"],
    ["postgres://app:p@ss:hunter22@db/x", "postgres://app:<password>@db/x"],
    ['\u001b[35mpassword\u001b[39m: "hunter22"', '\u001b[35mpassword\u001b[39m: "<password>"'],
    ['password=\u001b[31m"hunter22"\u001b[0m', 'password=\u001b[31m"<password>"\u001b[0m'],
    ['["Host","a","Authorization","Basic dTpodW50ZXIyMg=="]', '["Host","a","Authorization","Basic <credential>"]'],
    ["create user app identified by 'hunter22'", "create user app identified by '<password>'"],
  ])("%s", (text, clean) => expect(redact(text)).toBe(clean));

  test.each([
    "password: ${DB_PASSWORD}",
    '{"password":null,"token":"","secret":"***"}',
    "max_tokens=4096 token_count: 12 tokens: 300",
    "partition_key=orders-1 idempotency_key=8f14e45f-ceea-4e7f-a0b1-2c3d4e5f6071",
    "Unexpected token: } in JSON at position 41023",
    "secretName: checkout-db, key: password",
    '{"full_name":"acme/train-ticket","name":"train-ticket"}',
    '"service": "cluster-secrets", "instance": null',
    "cluster-secrets: Secrets changed outside of a rollout",
    "wrong password: please try again",
    "Basic subscription, Basic authorization failed",
    "- name: LOG_LEVEL\n  value: debug\n",
    "/search?q=tokens%3D300%26page_token_type%3Dnone",
    "user identified by 'id'",
    "session termination for sessionid: 0x14ede63a5a70002",
  ])("nothing is hidden in %s", (text) => expect(redact(text)).toBe(text));
});

describe("plain data", () => {
  const { deep } = redaction.forIncident("pd-P1");

  test("names of fields that are a secret or an address are hidden, each with what it holds", () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    expect(deep({ sessions: { [token]: 1, [`${token.slice(0, -1)}x`]: 2 } })).toEqual({
      sessions: { "<github-token>": 1, "<github-token> 2": 2 },
    });
    expect(deep({ "ana@acme.example": { n: "bo@acme.example" } })).toEqual({
      [redact("ana@acme.example")]: { n: redact("bo@acme.example") },
    });
  });

  test("numbers are hidden by the name of their field, and stay numbers elsewhere", () => {
    const {
      card_number: card,
      otp,
      total,
    } = deep({ card_number: 4111111111111111, otp: 123456, total: 4111111111111111 } as Record<string, unknown>);
    expect(card).toBe(redact("4111111111111111"));
    expect(otp).toBe("<security-code>");
    expect(total).toBe(4111111111111111);
  });
});

describe("personal data by its shape", () => {
  // Numbers that the issuing offices or their standards publish as examples.
  test.each([
    ["phone: 0171 2345678", "0171 2345678"],
    ["Tel. 030/9018200", "030/9018200"],
    ["(212)555-0147", "(212)555-0147"],
    ['card_number":4111111111111111,', "4111111111111111"],
    ["PAN:378282246310005", "378282246310005"],
    ["IBAN GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"],
    ["ssn 123456789", "123456789"],
    ["NI number AB123456C", "AB123456C"],
    ["Steuer-ID 86095742719", "86095742719"],
    ["NIR 2 69 05 49 588 157 80", "2 69 05 49 588 157 80"],
    ["DNI 12345678Z", "12345678Z"],
    ["NIE: X1234567L", "X1234567L"],
    ["CF RSSMRA85T10A562S", "RSSMRA85T10A562S"],
    ["BSN 111222333", "111222333"],
    ["PESEL 44051401359", "44051401359"],
    ["CPF 529.982.247-25", "529.982.247-25"],
    ["Aadhaar 2341 2341 2346", "2341 2341 2346"],
    ["id 11010519491231002X", "11010519491231002X"],
    ["AHV 756.9217.0769.85", "756.9217.0769.85"],
  ])("%s", (text, value) => {
    const clean = redact(text);
    expect(clean).not.toContain(value);
    expect(clean).toMatch(/<[a-z-]+:[b-z]{8}>/);
  });

  test.each([
    "dd.trace_id=4012888888881881123",
    "commit 9f2c1e4aa0b1c2d3e4f5060708090a0b0c0d0e0f (1767225600000)",
    "order #4539148803436468 and 100-2000345-6789",
    "pod checkout-7d9f8b6c5d-x2x7k on ip-10-0-0-1, 192.168.100.200:8080",
    "latency 123.456.789, 3.14159265358979, lat=52.520008 lon=-13.404954",
    "uptime 123456789 pid=12345 revision 4155551234 seq=9007199254740991",
    "12345678-1234-1234-1234-123456789012",
    "arn:aws:iam::123456789012:role/app",
    'password authentication failed for user "app"',
    "react@18.2.0 icon@2x.png git@github.com:acme/shop.git deploy@db-1.internal",
    "AB12CD34EF56 ABC-123456 SM-G991B1234 error code E1234567A",
    "10 20 30 40 50 60 70 80 of 12 34",
    "mem 8589934592 of 17179869184",
    "Content-Length: 1234567890",
    "SELECT * FROM t WHERE password = $1",
    "mobile app 4.12.1 build 20260501; call 12345678 ns; text 1234567890 bytes",
    "docker run -u 1000:1000 image",
    "email: sent, phone verification failed: code 123456",
    "0.4799269996583462",
    "2026-05-12 03:10:00 rate 99.95%",
  ])("nothing is hidden in %s", (text) => expect(redact(text)).toBe(text));
});

describe("answers", () => {
  const source = { query: "logs of ana@acme.example", link: null, cut: null };

  test("raw text and parsed value say the same, also of a field that only the raw text names", () => {
    const told = answer({
      ...source,
      raw: '{"passwd":"hunter22","m":"a\\nbo@acme.example"}',
      value: [{ words: "got hunter22", message: "a\nbo@acme.example" }],
    });
    expect(told.raw).not.toContain("hunter22");
    expect(told.value).toEqual([{ words: "got <password>", message: `a\n${redact("bo@acme.example")}` }]);
    expect(told.raw).toContain(redact("bo@acme.example"));
    expect(told.query).toBe(`logs of ${redact("ana@acme.example")}`);
  });

  test("a value that JSON spells by codes is read before it is judged", () => {
    const { raw } = answer({
      ...source,
      raw: '{"m":"ana\\u0040acme.example","u":"https:\\/\\/a:secret99@h\\/","q":"\\u0022"}',
      value: null,
    });
    expect(raw).not.toMatch(/ana|secret99/);
    expect(JSON.parse(raw)).toMatchObject({ q: '"' });
  });

  test("a field's name counts in parsed objects; ids, numbers and what is no plain data stay the very same", () => {
    const date = new Date(0);
    const value = { headers: { authorization: "Bearer abcdefgh" }, traceId: "7d1b0a9c4e2f6a8b", at: 1_767_225_600_000, date };
    const told = answer({ ...source, raw: "", value }).value as typeof value;
    expect(told).toEqual({ ...value, headers: { authorization: "<credential>" } });
    expect(told.date).toBe(date);
    const same = { a: [{ b: "nothing to see" }] };
    expect(answer({ ...source, raw: "", value: same }).value).toBe(same);
  });

  test("goes by the name of each field, also where the same text stood in another before", () => {
    const value = [{ title: "Ana Flores" }, { full_name: "Ana Flores" }, { title: "Ana Flores" }];
    const told = answer({ ...source, raw: "", value }).value as typeof value;
    expect(told).toEqual([value[0], { full_name: expect.stringMatching(/^<name:[a-z]{8}>$/) }, value[2]]);
  });
});

test("a short credential is never replaced inside a word, a long one wherever it is", () => {
  const short = createRedaction({ own: ["prod-4711"], labelSecret: "webhook secret of this test" });
  for (const text of ["reprod-4711", "prod-47110 is full", "xprod-4711_a"]) expect(short.plain(text)).toBe(text);
  for (const text of ["key prod-4711.", "key=prod-4711", "(prod-4711)"]) expect(short.plain(text)).not.toContain("prod-4711");
  const long = createRedaction({ own: ["prod-4711-of-the-shop"], labelSecret: "webhook secret of this test" });
  expect(long.plain("aprod-4711-of-the-shopb")).not.toContain("4711");
});

test("a token that was cut before it came here is known by its beginning", () => {
  expect(redact(`failed with ghp_${"aB3dE5".repeat(2)}…`)).toBe("failed with <cut-token>…");
});

test("a private key that never ends takes no more than itself", () => {
  const key = `-----BEGIN RSA PRIVATE KEY-----\\n${"MIIEpAIBAAKCAQEA7".repeat(4)}`;
  expect(redact(`{"k":"${key}","next":"stays"}`)).toBe('{"k":"<private-key>","next":"stays"}');
});

test("addresses of machines are hidden only where it is asked for", () => {
  const rules = parseRedactionRules("ip_addresses: true", "rules.yaml");
  const line = "from 10.20.30.40:8080 and [2001:db8::1], version 1.2.3";
  expect(redact(line)).toBe(line);
  expect(redactionWith({ rules }).plain(line)).toBe("from <ip-address>:8080 and [<ip-address>], version 1.2.3");
});

test.each(["password: Harbour77", "Kennwort: Harbour77", "contraseña: Harbour77", "пароль: Harbour77", "パスワード：Harbour77"])(
  "what a sentence and the name of a field both reveal is hidden in the rest of the answer: %s",
  (raw) => {
    expect(answer({ raw, value: { note: "tried Harbour77 twice" }, query: "", link: null, cut: null }).value.note).not.toContain(
      "Harbour77",
    );
  },
);

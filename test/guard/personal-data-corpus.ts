import { ALNUM, DIGITS, FIRST, HEX, inJson, LAST, luhn, marked, SERVICES, two, UPPER, Values } from "./personal-data-values.ts";

/**
 * Made-up log lines and rows with the secrets and personal data in them marked, beside lines full of what only looks like it. Seeded: the same
 * seed gives the same corpus. It shares nothing with the code under test: numbers get their check digits from the standards' own definitions here.
 */

export interface Mark {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

export interface CorpusLine {
  readonly style: string;
  readonly text: string;
  /** What must not be readable afterwards, first to last. Empty: nothing may be hidden. */
  readonly marks: readonly Mark[];
}

/** Lines with marked values, by style. */
const POSITIVES: readonly (readonly [style: string, make: (v: Values) => string])[] = Object.entries({
  json: [
    (v) =>
      `{"ts":"${v.iso()}","level":"${v.level()}","service":"${v.pick(SERVICES)}","trace_id":"${v.chars(HEX, 32)}","msg":"order placed","email":"${marked("email", v.email())}","amount":${v.number(4)},"phone":"${v.phone()}"}`,
    (v) =>
      `{"timestamp":${v.number(13, "1")},"message":"card ${marked("card", v.card())} declined for ${marked("email", v.email())}","span_id":"${v.chars(HEX, 16)}","retry":${v.below(5)}}`,
    (v) =>
      `{"user":{"first_name":"${marked("name", v.pick(FIRST))}","last_name":"${marked("name", v.pick(LAST))}","email":"${marked("email", v.email())}"},"request_id":"${v.uuid()}"}`,
    (v) =>
      `{"event":"login","username":"svc-${v.pick(SERVICES)}","password":"${marked("password", inJson(v.passwords()))}","ok":false,"duration_ms":${v.below(900)}}`,
  ],
  "json-in-json": [
    (v) =>
      `{"log":"{\\"level\\":\\"warn\\",\\"customer_email\\":\\"${marked("email", v.email())}\\",\\"api_key\\":\\"${marked("api-key", v.chars(ALNUM, 32))}\\"}\\n","stream":"stderr"}`,
    (v) =>
      `{"message":"payload: {\\"iban\\":\\"${marked("iban", v.iban())}\\",\\"holder\\":{\\"full_name\\":\\"${marked("name", v.name())}\\"}}"}`,
  ],
  logfmt: [
    (v) =>
      `time=${v.iso()} level=${v.level().toLowerCase()} service=${v.pick(SERVICES)} user_email=${marked("email", v.email())} phone="${v.phone()}" status=${v.pick(["200", "500", "404"])} dur=${v.below(900)}ms`,
    (v) => `level=error msg="auth failed" token=${v.secret()} pod=${v.pod()} attempt=${v.below(9)}`,
    (v) =>
      `at=info method=POST path=/v1/payments card_number=${marked("card", luhn(`4${v.chars(DIGITS, 14)}`))} cvv=${marked("cvv", v.number(3))} request_id=${v.uuid()}`,
    (v) => `db_password=${marked("password", v.passwords())} db_host=${v.pick(SERVICES)}-db.internal db_port=5432`,
  ],
  "access-log": [
    (v) =>
      `${v.ip()} - - [12/May/2026:03:${two(v.below(60))}:11 +0000] "GET /users?email=${marked("email", encodeURIComponent(v.email()))}&page=${v.below(9)} HTTP/1.1" 200 ${v.number(4)} "-" "Mozilla/5.0"`,
    (v) =>
      `${v.ip()} - ${marked("email", v.email())} [12/May/2026:03:12:${two(v.below(60))} +0000] "POST /reset?reset_token=${marked("token", v.chars(ALNUM, 40))} HTTP/2" 302 0`,
  ],
  headers: [
    (v) =>
      `> POST /v2/charges HTTP/1.1\n> Host: api.${v.pick(SERVICES)}.internal\n> Authorization: Bearer ${marked("bearer", v.chars(`${ALNUM}_-`, 48))}\n> Cookie: ${marked("cookie", `sid=${v.chars(HEX, 32)}; theme=dark`)}\n> X-Request-Id: ${v.uuid()}`,
    (v) =>
      `{"headers":{"authorization":["Basic ${marked("basic", v.base64(28))}"],"x-api-key":"${marked("api-key", v.chars(HEX, 40))}","content-length":"${v.number(3)}"}}`,
  ],
  stack: [
    (v) =>
      `java.sql.SQLException: Access denied for jdbc connection postgres://${v.pick(SERVICES)}:${marked("password", v.chars(ALNUM, 12))}@db-${v.below(9)}.internal:5432/shop\n\tat com.acme.${v.pick(["Cart", "Ledger"])}.open(Pool.java:${v.below(400)})`,
    (v) =>
      `Error: mail to <${marked("email", v.email())}> bounced\n    at send (/srv/app/node_modules/mailer/lib/smtp.js:${v.below(900)}:17)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
    (v) => `ValueError: invalid taxpayer number '${v.strongId()}'\n  File "/app/kyc/verify.py", line ${v.below(400)}, in check_document`,
  ],
  sql: [
    (v) =>
      `INSERT INTO customers (id, email, phone, iban) VALUES (${v.number(6)}, '${marked("email", v.email())}', '${v.phone()}', '${marked("iban", v.iban())}');`,
    (v) =>
      `UPDATE kyc SET document = '${v.strongId()}', checked_at = '${v.iso()}' WHERE customer_id = ${v.number(7)} AND version = ${v.below(9)}`,
  ],
  csv: [
    (v) => `${v.number(6)},${marked("email", v.email())},${v.phone()},${v.iso()},EUR,${v.number(3)}.${two(v.below(99))},${v.uuid()}`,
    (v) => `${v.number(5)};${v.pick(SERVICES)};${marked("card", v.card())};${v.strongId()};${v.pick(["paid", "refunded"])};${v.iso()}`,
  ],
  text: [
    (v) => `${v.iso()} ${v.level()} [${v.pick(SERVICES)}] could not verify ${v.calledId()} (attempt ${v.below(5)} of 5)`,
    (v) => `May 12 03:${two(v.below(60))}:11 ${v.pod()} app[${v.number(4)}]: SMS to ${v.phone()} failed with code ${v.number(3)}`,
    (v) => `${v.iso()} ${v.level()} retrying with ${v.secret()} after 429`,
    (v) => `customer called from ${v.phone()}, wrote from ${marked("email", v.email())}, order ${v.number(8)}`,
    (v) =>
      `loaded key ${marked("private-key", `-----BEGIN RSA PRIVATE KEY-----\n${v.base64(64)}\n${v.base64(64)}\n-----END RSA PRIVATE KEY-----`)} from /etc/tls`,
    (v) => `refund to ${marked("iban", v.iban())} of ${v.number(3)}.${two(v.below(99))} EUR queued as job ${v.number(9)}`,
  ],
  env: [
    (v) =>
      `AWS_SECRET_ACCESS_KEY=${marked("aws-secret", v.base64(40))}\nAWS_REGION=eu-west-1\nSTRIPE_API_KEY=${marked("stripe-key", v.secrets["stripe-key"]?.() ?? "")}`,
  ],
  yaml: [(v) => `smtp:\n  host: smtp.internal\n  user: mailer\n  password: ${marked("password", v.passwords())}\n  port: 587`],
  xml: [
    (v) =>
      `<customer id="${v.number(6)}"><email>${marked("email", v.email())}</email><ssn>${marked("ssn", v.ssn())}</ssn><created>${v.iso()}</created></customer>`,
  ],
} satisfies Record<string, readonly ((v: Values) => string)[]>).flatMap(([style, all]) => all.map((make) => [style, make] as const));

/** Lines full of what only looks like a secret. */
const NEGATIVES: readonly ((v: Values) => string)[] = [
  (v) =>
    `{"ts":"${v.iso()}","level":"${v.level()}","trace_id":"${v.chars(HEX, 32)}","span_id":"${v.chars(HEX, 16)}","dd.trace_id":"${v.number(19)}","dd.span_id":"${v.number(18)}","msg":"request done"}`,
  (v) =>
    `time=${v.iso()} level=info service=${v.pick(SERVICES)} pod=${v.pod()} node=ip-10-0-${v.below(255)}-${v.below(255)}.eu-west-1.compute.internal dur=${v.below(999)}.${v.number(3)}ms`,
  (v) =>
    `commit ${v.chars(HEX, 40)} (tag: v${v.below(9)}.${v.below(30)}.${v.below(20)})\nimage registry.internal/shop/cart@sha256:${v.chars(HEX, 64)}`,
  (v) =>
    `order_id=${v.number(16)} invoice=${v.number(10)} shipment ${v.number(12)} sku ${v.chars(UPPER, 3)}-${v.number(6)} total=${v.number(3)}.${two(v.below(99))}`,
  (v) =>
    `{"series":[[${v.number(13, "1")},${v.number(3)}.${v.number(6)}],[${v.number(13, "1")},${v.number(2)}.${v.number(9)}],[${v.number(10, "1")},0.${v.chars(DIGITS, 12)}]]}`,
  (v) =>
    `offset=${v.number(10)} partition=${v.below(64)} topic=${v.pick(SERVICES)}.events.v${v.below(5)} group=${v.pick(SERVICES)}-consumer-${v.number(2)} lag=${v.number(6)}`,
  (v) =>
    `${v.ip()} - - [12/May/2026:03:${two(v.below(60))}:11 +0000] "GET /v1/orders/${v.number(9)}?page=${v.below(90)}&ts=${v.number(13, "1")} HTTP/1.1" 200 ${v.number(5)} "-" "Mozilla/5.0 (X11; Linux x86_64; rv:${v.number(3)}.0) Gecko/20100101 Firefox/${v.number(3)}.0"`,
  (v) =>
    `   at com.acme.${v.pick(["cart", "ledger"])}.Service$$Lambda$${v.number(4)}/0x${v.chars(HEX, 16)}.run(Unknown Source)\n   at java.base@21.0.${v.below(9)}/java.lang.Thread.run(Thread.java:${v.number(4)})`,
  (v) =>
    `Pulled image "eu.gcr.io/shop/${v.pick(SERVICES)}:${v.number(8, "2")}.${v.number(6)}-${v.chars(HEX, 7)}" in ${v.below(9)}.${v.number(9)}s, digest sha256:${v.chars(HEX, 64)}`,
  (v) =>
    `pg: duration: ${v.number(4)}.${v.number(3)} ms  statement: SELECT id, email, password_hash FROM users WHERE tenant = $1 AND created_at > '${v.iso()}' LIMIT ${v.number(3)}`,
  (v) => `arn:aws:sqs:eu-west-1:${v.number(12)}:${v.pick(SERVICES)}-dead-letter.fifo ApproximateNumberOfMessages=${v.number(6)}`,
  (v) =>
    `{"uuid":"${v.uuid()}","etag":"W/\\"${v.chars(HEX, 8)}-${v.chars(ALNUM, 27)}\\"","bytes":${v.number(9)},"token_count":${v.number(5)},"max_tokens":${v.number(4)},"key":"${v.pick(SERVICES)}/2026/05/12/part-${v.chars(DIGITS, 5)}.parquet"}`,
  (v) =>
    `WARN password authentication is disabled; token bucket refilled ${v.number(4)} tokens, secret rotation due in ${v.below(30)} days, key cache hit ratio 0.${v.number(4)}`,
  (v) =>
    `heap: ${v.number(9)} bytes used, ${v.number(10)} max; gc pause ${v.number(2)}.${v.number(3)}ms; 0x${v.chars(HEX, 12)} threads=${v.below(200)} pid ${v.number(5)} uptime ${v.number(8)}`,
  (v) =>
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${v.pick(SERVICES)}-db\n  uid: ${v.uuid()}\n  resourceVersion: "${v.number(9)}"\nsecretKeyRef: { name: ${v.pick(SERVICES)}-db, key: password }`,
  (v) =>
    `npm ERR! notarget No matching version found for @acme/${v.pick(SERVICES)}@${v.below(9)}.${v.below(20)}.${v.below(9)} published 2026-05-${two(1 + v.below(28))} 03:12:${two(v.below(60))}`,
  (v) =>
    `kafka: consumed message key=${v.pick(SERVICES)}-${v.number(6)} headers={"x-correlation-id":"${v.uuid()}"} latency p50=${v.number(2)} p95=${v.number(3)} p99=${v.number(4)} window 2026-05-12 03:10 - 2026-05-12 03:20`,
  (v) =>
    `git clone git@github.com:acme/${v.pick(SERVICES)}.git; ssh deploy@${v.pick(SERVICES)}-db.internal; cp icon@2x.png; 1.${v.number(3)}.${v.number(3)}-rc.${v.below(9)}; port 8${v.number(3)}; lat=${v.number(2)}.${v.number(6)} lon=-${v.number(2)}.${v.number(6)}`,
  (v) =>
    `partition_key=${v.pick(SERVICES)}#${v.number(8)} idempotency_key=${v.uuid()} next_page_token=${v.chars(ALNUM, 24)} cursor=${v.chars(`${ALNUM}_-`, 32)} session count ${v.number(4)}`,
  (v) =>
    `ledger batch ${v.number(8, "2")}-${v.number(6)} closed: rows ${v.number(7)}, crc32 ${v.chars(HEX, 8)}, checksum md5 ${v.chars(HEX, 32)}, lsn ${v.chars("0123456789ABCDEF", 2)}/${v.chars("0123456789ABCDEF", 8)}`,
];

/** Text in which «kind|value» marks a value. */
function lineOf(style: string, source: string): CorpusLine {
  const marks: Mark[] = [];
  let text = "";
  let at = 0;
  for (const match of source.matchAll(/«([a-z-]+)\|([^»]*)»/g)) {
    text += source.slice(at, match.index);
    marks.push({ kind: match[1] ?? "", start: text.length, end: text.length + (match[2] ?? "").length });
    text += match[2] ?? "";
    at = match.index + match[0].length;
  }
  return { style, text: text + source.slice(at), marks };
}

export function corpus(seed: number, lines: number): CorpusLine[] {
  const values = new Values(seed);
  return Array.from({ length: lines }, (_, index) => {
    if (index % 5 >= 3) return { style: "negative", text: values.pick(NEGATIVES)(values), marks: [] };
    const [style, make] = values.pick(POSITIVES);
    return lineOf(style, make(values));
  });
}

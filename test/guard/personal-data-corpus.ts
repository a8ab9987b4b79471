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

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FIRST = [
  "Ana",
  "Bjørn",
  "Chiara",
  "Dmitri",
  "Élodie",
  "Fatima",
  "Grzegorz",
  "Hana",
  "Ingrid",
  "João",
  "Katarzyna",
  "Liam",
  "Mei",
  "Nikhil",
  "Olu",
  "Priya",
];
const LAST = [
  "Almeida",
  "Bergström",
  "Conti",
  "Dubois",
  "Eriksen",
  "Fischer",
  "García",
  "Hughes",
  "Ito",
  "Jansen",
  "Kowalska",
  "Lindqvist",
  "Müller",
  "Nowak",
  "Okafor",
  "Patel",
];
const HOSTS = [
  "example.com",
  "example.org",
  "mail.acme.co.uk",
  "web.de",
  "shop.example.net",
  "orange.fr",
  "gmail.com",
  "uni-wien.ac.at",
  "acme.io",
];
const SERVICES = [
  "checkout",
  "payments-api",
  "cart",
  "ledger-worker",
  "user-profile",
  "notification-gateway",
  "kyc-service",
  "search-indexer",
];
const HEX = "0123456789abcdef";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const ALNUM = UPPER + LOWER + DIGITS;

export function corpus(seed: number, lines: number): CorpusLine[] {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const chars = (alphabet: string, length: number) => Array.from({ length }, () => alphabet[below(alphabet.length)]).join("");
  const number = (length: number, first = "123456789") => chars(first, 1) + chars(DIGITS, length - 1);
  const two = (value: number) => String(value).padStart(2, "0");

  // --- values with their check digits ---------------------------------------------------------------------------------------------------
  const luhn = (body: string) => {
    // Doubling starts at the digit beside the check digit.
    const total = [...body].reverse().reduce((sum, digit, index) => {
      if (index % 2 === 1) return sum + Number(digit);
      const twice = Number(digit) * 2;
      return sum + Math.floor(twice / 10) + (twice % 10);
    }, 0);
    return body + String((10 - (total % 10)) % 10);
  };
  const groups = (text: string, sizes: readonly number[], separator: string) => {
    let at = 0;
    return sizes.map((size) => text.slice(at, (at += size))).join(separator);
  };
  const card = () => {
    const brand = below(4);
    if (brand === 3) {
      const amex = luhn(pick(["34", "37"]) + chars(DIGITS, 12));
      return pick([amex, groups(amex, [4, 6, 5], " ")]);
    }
    const plain = luhn(
      brand === 0 ? `4${chars(DIGITS, 14)}` : brand === 1 ? `5${1 + below(5)}${chars(DIGITS, 13)}` : `6011${chars(DIGITS, 11)}`,
    );
    return pick([plain, groups(plain, [4, 4, 4, 4], " "), groups(plain, [4, 4, 4, 4], "-")]);
  };
  const mod97 = (digits: string) => Number(BigInt(digits) % 97n);
  const iban = () => {
    const [country, body] = pick([
      ["DE", chars(DIGITS, 18)],
      ["FR", chars(DIGITS, 23)],
      ["NL", `ABNA${chars(DIGITS, 10)}`],
      ["GB", `NWBK${chars(DIGITS, 14)}`],
      ["ES", chars(DIGITS, 20)],
      ["PL", chars(DIGITS, 24)],
    ] as const);
    const numeric = [...`${body}${country}00`].map((char) => (/\d/.test(char) ? char : String(char.charCodeAt(0) - 55))).join("");
    const plain = `${country}${two(98 - mod97(numeric))}${body}`;
    return random() < 0.5 ? plain : (plain.match(/.{1,4}/g) ?? []).join(" ");
  };
  const sum = (digits: string, weights: readonly number[]) =>
    weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  const birth = () => ({ year: 1945 + below(60), month: 1 + below(12), day: 1 + below(28) });
  const until = (make: () => string | null): string => {
    for (;;) {
      const made = make();
      if (made !== null) return made;
    }
  };
  const ssn = () =>
    `${two(1 + below(88))}${1 + below(9)}-${two(1 + below(99))}-${String(1 + below(9998)).padStart(4, "0")}`.replace(/^666/, "665");
  const nino = () => {
    const plain = `${pick(["AB", "CE", "JG", "PW", "SR", "YH"])}${chars(DIGITS, 6)}${pick([..."ABCD"])}`;
    return pick([plain, groups(plain, [2, 2, 2, 2, 1], " ")]);
  };
  const germanTaxId = () => {
    // Ten digits with exactly one of them twice.
    const all = [...DIGITS]
      .map((digit) => ({ digit, by: random() }))
      .toSorted((a, b) => a.by - b.by)
      .map(({ digit }) => digit);
    const nine = all.slice(0, 9);
    const body = [...nine, nine[below(8)] ?? "1"];
    if (body[0] === "0") [body[0], body[1]] = [body[1] ?? "1", "0"];
    if (body[0] === "0") body[0] = all[9] ?? "1";
    let product = 10;
    for (const digit of body) {
      let step = (Number(digit) + product) % 10;
      if (step === 0) step = 10;
      product = (step * 2) % 11;
    }
    return body.join("") + String(11 - product === 10 ? 0 : 11 - product);
  };
  const nir = () => {
    const { year, month } = birth();
    const body = `${pick(["1", "2"])}${two(year % 100)}${two(month)}${two(1 + below(95))}${chars(DIGITS, 6)}`;
    const plain = body + two(97 - mod97(body));
    return pick([plain, groups(plain, [1, 2, 2, 2, 3, 3, 2], " ")]);
  };
  const LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
  const dni = () => {
    const digits = chars(DIGITS, 8);
    return digits + pick(["", "-"]) + (LETTERS[Number(digits) % 23] ?? "");
  };
  const nie = () => {
    const lead = below(3);
    const digits = chars(DIGITS, 7);
    return `${"XYZ"[lead] ?? ""}${digits}${LETTERS[Number(`${lead}${digits}`) % 23] ?? ""}`;
  };
  const codiceFiscale = () => {
    const { year, month, day } = birth();
    const body = `${chars("BCDFGLMNPRSTV", 6)}${two(year % 100)}${"ABCDEHLMPRST"[month - 1] ?? ""}${two(day)}${pick(["H501", "F205", "L219", "D612"])}`;
    const odd: Record<string, number> = Object.fromEntries(
      [..."0123456789"].map((char, index) => [char, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21][index] ?? 0]),
    );
    for (const [index, char] of [...UPPER].entries())
      odd[char] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23][index] ?? 0;
    const total = [...body].reduce(
      (so_far, char, index) => so_far + (index % 2 === 0 ? (odd[char] ?? 0) : /\d/.test(char) ? Number(char) : char.charCodeAt(0) - 65),
      0,
    );
    return body + (UPPER[total % 26] ?? "");
  };
  const bsn = () =>
    until(() => {
      const body = number(8);
      const last = sum(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
      return last > 9 ? null : body + String(last);
    });
  const pesel = () => {
    const { year, month, day } = birth();
    const body = `${two(year % 100)}${two(year >= 2000 ? month + 20 : month)}${two(day)}${chars(DIGITS, 4)}`;
    return body + String((10 - (sum(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10);
  };
  const cpf = () => {
    const nine = number(9);
    const check = (digits: string) => {
      const rest =
        sum(
          digits,
          Array.from({ length: digits.length }, (_, index) => digits.length + 1 - index),
        ) % 11;
      return rest < 2 ? "0" : String(11 - rest);
    };
    const ten = nine + check(nine);
    const all = ten + check(ten);
    return `${all.slice(0, 3)}.${all.slice(3, 6)}.${all.slice(6, 9)}-${all.slice(9)}`;
  };
  const aadhaar = () => {
    // Verhoeff in the dihedral group D5, from its definition: rotations 0 to 4, reflections 5 to 9.
    const multiply = (a: number, b: number) => {
      const rotation = a < 5 ? (b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)) : b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
      return rotation;
    };
    const permute = (digit: number, times: number) => {
      let value = digit;
      for (let index = 0; index < times; index++) value = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][value] ?? 0;
      return value;
    };
    const body = number(11, "23456789");
    const withDigit = Array.from({ length: 10 }, (_, last) => `${body}${last}`).find((digits) => {
      let check = 0;
      for (const [index, digit] of [...digits].reverse().entries()) check = multiply(check, permute(Number(digit), index % 8));
      return check === 0;
    });
    return groups(withDigit ?? "", [4, 4, 4], pick([" ", "-"]));
  };
  const indianPan = () => `${chars(UPPER, 3)}P${chars(UPPER, 1)}${chars(DIGITS, 4)}${chars(UPPER, 1)}`;
  const chineseId = () => {
    const { year, month, day } = birth();
    const body = `${pick(["110105", "310104", "440305"])}${year}${two(month)}${two(day)}${chars(DIGITS, 3)}`;
    // ISO 7064 MOD 11-2 by its recursion.
    let rest = 0;
    for (const digit of body) rest = ((rest + Number(digit)) * 2) % 11;
    const check = (12 - rest) % 11;
    return body + (check === 10 ? "X" : String(check));
  };
  const phones: (() => string)[] = [
    () => `+49 ${pick(["170", "151", "30", "89"])} ${number(7)}`,
    () => `+1-${number(3, "23456789")}-${number(3, "23456789")}-${chars(DIGITS, 4)}`,
    () => `+44 20 ${number(4)} ${chars(DIGITS, 4)}`,
    () => `+33${number(9)}`,
    () => `+91 ${number(5, "6789")} ${chars(DIGITS, 5)}`,
    () => `(${number(3, "23456789")}) ${number(3, "23456789")}-${chars(DIGITS, 4)}`,
    () => `${number(3, "23456789")}-${number(3, "23456789")}-${chars(DIGITS, 4)}`,
    () => `0${pick(["1", "6", "7"])} ${two(below(100))} ${two(below(100))} ${two(below(100))} ${two(below(100))}`,
    () => `07${chars(DIGITS, 3)} ${number(6)}`,
  ];
  const base64 = (length: number) => chars(`${ALNUM}+/`, length);
  const name = () => `${pick(FIRST)} ${pick(LAST)}`;
  const email = () => {
    const plain = (text: string) =>
      text
        .normalize("NFD")
        .replaceAll(/[^\x20-\x7e]/g, "")
        .replaceAll("ø", "o")
        .toLowerCase();
    return `${plain(pick(FIRST))}${pick([".", "_", "", "+"])}${plain(pick(LAST))}${pick(["", String(below(99))])}@${pick(HOSTS)}`;
  };
  const secrets: Record<string, () => string> = {
    "aws-key": () => `AKIA${chars(UPPER + "234567", 16)}`,
    "github-token": () => `ghp_${chars(ALNUM, 36)}`,
    "gitlab-token": () => `glpat-${chars(ALNUM, 20)}`,
    "slack-token": () => `xoxb-${number(12)}-${number(12)}-${chars(ALNUM, 24)}`,
    "stripe-key": () => `sk_live_${chars(ALNUM, 24)}`,
    "model-key": () => `sk-ant-api03-${chars(ALNUM, 86)}`,
    jwt: () => `eyJhbGciOiJIUzI1NiJ9.eyJ${chars(ALNUM, 40)}.${chars(`${ALNUM}_-`, 43)}`,
    "npm-token": () => `npm_${chars(ALNUM, 36)}`,
    "google-key": () => `AIza${chars(`${ALNUM}_-`, 35)}`,
  };
  const passwords = () =>
    pick([`${pick(FIRST)}!${number(4)}`, chars(ALNUM, 14), `correct-${chars(LOWER, 6)}-${number(2)}`, `${chars(LOWER, 8)}#${number(3)}`]);

  // --- lines ----------------------------------------------------------------------------------------------------------------------------
  const uuid = () => groups(chars(HEX, 32), [8, 4, 4, 4, 12], "-");
  const iso = () =>
    `2026-${two(1 + below(12))}-${two(1 + below(28))}T${two(below(24))}:${two(below(60))}:${two(below(60))}.${chars(DIGITS, 3)}Z`;
  const level = () => pick(["INFO", "WARN", "ERROR", "DEBUG"]);
  const ip = () => `10.${below(255)}.${below(255)}.${below(255)}`;
  const pod = () => `${pick(SERVICES)}-${chars(`${LOWER}${DIGITS}`, 9)}-${chars(`${LOWER}${DIGITS}`, 5)}`;

  /** Text in which «kind|value» marks a value. */
  function marked(style: string, source: string): CorpusLine {
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
  const m = (kind: string, value: string) => `«${kind}|${value}»`;
  const secret = () => {
    const kind = pick(Object.keys(secrets));
    return m(kind, secrets[kind]?.() ?? "");
  };
  const phone = () => m("phone", pick(phones)());
  const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
  /** Ids that stand for themselves, and those that need the word before them. */
  const strongId = () =>
    pick([
      () => m("ssn", ssn()),
      () => m("nino", nino()),
      () => m("nir", nir()),
      () => m("dni", dni()),
      () => m("nie", nie()),
      () => m("codice-fiscale", codiceFiscale()),
      () => m("cpf", cpf()),
      () => m("aadhaar", aadhaar()),
      () => m("indian-pan", indianPan()),
      () => m("chinese-id", chineseId()),
    ])();
  const calledId = () =>
    pick([
      () => `Steuer-ID: ${m("german-tax-id", germanTaxId())}`,
      () => `BSN ${m("bsn", bsn())}`,
      () => `PESEL ${m("pesel", pesel())}`,
      () => `SSN ${m("ssn", ssn().replaceAll("-", ""))}`,
      () => `Aadhaar no ${m("aadhaar", aadhaar().replaceAll(/[ -]/g, ""))}`,
    ])();

  const positives: (() => CorpusLine)[] = [
    () =>
      marked(
        "json",
        `{"ts":"${iso()}","level":"${level()}","service":"${pick(SERVICES)}","trace_id":"${chars(HEX, 32)}","msg":"order placed","email":"${m("email", email())}","amount":${number(4)},"phone":"${phone()}"}`,
      ),
    () =>
      marked(
        "json",
        `{"timestamp":${number(13, "1")},"message":"card ${m("card", card())} declined for ${m("email", email())}","span_id":"${chars(HEX, 16)}","retry":${below(5)}}`,
      ),
    () =>
      marked(
        "json",
        `{"user":{"first_name":"${m("name", pick(FIRST))}","last_name":"${m("name", pick(LAST))}","email":"${m("email", email())}"},"request_id":"${uuid()}"}`,
      ),
    () =>
      marked(
        "json",
        `{"event":"login","username":"svc-${pick(SERVICES)}","password":"${m("password", inJson(passwords()))}","ok":false,"duration_ms":${below(900)}}`,
      ),
    () =>
      marked(
        "json-in-json",
        `{"log":"{\\"level\\":\\"warn\\",\\"customer_email\\":\\"${m("email", email())}\\",\\"api_key\\":\\"${m("api-key", chars(ALNUM, 32))}\\"}\\n","stream":"stderr"}`,
      ),
    () =>
      marked(
        "json-in-json",
        `{"message":"payload: {\\"iban\\":\\"${m("iban", iban())}\\",\\"holder\\":{\\"full_name\\":\\"${m("name", name())}\\"}}"}`,
      ),
    () =>
      marked(
        "logfmt",
        `time=${iso()} level=${level().toLowerCase()} service=${pick(SERVICES)} user_email=${m("email", email())} phone="${phone()}" status=${pick(["200", "500", "404"])} dur=${below(900)}ms`,
      ),
    () => marked("logfmt", `level=error msg="auth failed" token=${secret()} pod=${pod()} attempt=${below(9)}`),
    () =>
      marked(
        "logfmt",
        `at=info method=POST path=/v1/payments card_number=${m("card", luhn(`4${chars(DIGITS, 14)}`))} cvv=${m("cvv", number(3))} request_id=${uuid()}`,
      ),
    () => marked("logfmt", `db_password=${m("password", passwords())} db_host=${pick(SERVICES)}-db.internal db_port=5432`),
    () =>
      marked(
        "access-log",
        `${ip()} - - [12/May/2026:03:${two(below(60))}:11 +0000] "GET /users?email=${m("email", encodeURIComponent(email()))}&page=${below(9)} HTTP/1.1" 200 ${number(4)} "-" "Mozilla/5.0"`,
      ),
    () =>
      marked(
        "access-log",
        `${ip()} - ${m("email", email())} [12/May/2026:03:12:${two(below(60))} +0000] "POST /reset?reset_token=${m("token", chars(ALNUM, 40))} HTTP/2" 302 0`,
      ),
    () =>
      marked(
        "headers",
        `> POST /v2/charges HTTP/1.1\n> Host: api.${pick(SERVICES)}.internal\n> Authorization: Bearer ${m("bearer", chars(`${ALNUM}_-`, 48))}\n> Cookie: ${m("cookie", `sid=${chars(HEX, 32)}; theme=dark`)}\n> X-Request-Id: ${uuid()}`,
      ),
    () =>
      marked(
        "headers",
        `{"headers":{"authorization":["Basic ${m("basic", base64(28))}"],"x-api-key":"${m("api-key", chars(HEX, 40))}","content-length":"${number(3)}"}}`,
      ),
    () =>
      marked(
        "stack",
        `java.sql.SQLException: Access denied for jdbc connection postgres://${pick(SERVICES)}:${m("password", chars(ALNUM, 12))}@db-${below(9)}.internal:5432/shop\n\tat com.acme.${pick(["Cart", "Ledger"])}.open(Pool.java:${below(400)})`,
      ),
    () =>
      marked(
        "stack",
        `Error: mail to <${m("email", email())}> bounced\n    at send (/srv/app/node_modules/mailer/lib/smtp.js:${below(900)}:17)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
      ),
    () =>
      marked(
        "stack",
        `ValueError: invalid taxpayer number '${strongId()}'\n  File "/app/kyc/verify.py", line ${below(400)}, in check_document`,
      ),
    () =>
      marked(
        "sql",
        `INSERT INTO customers (id, email, phone, iban) VALUES (${number(6)}, '${m("email", email())}', '${phone()}', '${m("iban", iban())}');`,
      ),
    () =>
      marked(
        "sql",
        `UPDATE kyc SET document = '${strongId()}', checked_at = '${iso()}' WHERE customer_id = ${number(7)} AND version = ${below(9)}`,
      ),
    () => marked("csv", `${number(6)},${m("email", email())},${phone()},${iso()},EUR,${number(3)}.${two(below(99))},${uuid()}`),
    () => marked("csv", `${number(5)};${pick(SERVICES)};${m("card", card())};${strongId()};${pick(["paid", "refunded"])};${iso()}`),
    () => marked("text", `${iso()} ${level()} [${pick(SERVICES)}] could not verify ${calledId()} (attempt ${below(5)} of 5)`),
    () => marked("text", `May 12 03:${two(below(60))}:11 ${pod()} app[${number(4)}]: SMS to ${phone()} failed with code ${number(3)}`),
    () => marked("text", `${iso()} ${level()} retrying with ${secret()} after 429`),
    () => marked("text", `customer called from ${phone()}, wrote from ${m("email", email())}, order ${number(8)}`),
    () =>
      marked(
        "text",
        `-----BEGIN RSA PRIVATE KEY-----`.length > 0
          ? `loaded key ${m("private-key", `-----BEGIN RSA PRIVATE KEY-----\n${base64(64)}\n${base64(64)}\n-----END RSA PRIVATE KEY-----`)} from /etc/tls`
          : "",
      ),
    () =>
      marked(
        "env",
        `AWS_SECRET_ACCESS_KEY=${m("aws-secret", base64(40))}\nAWS_REGION=eu-west-1\nSTRIPE_API_KEY=${m("stripe-key", secrets["stripe-key"]?.() ?? "")}`,
      ),
    () => marked("yaml", `smtp:\n  host: smtp.internal\n  user: mailer\n  password: ${m("password", passwords())}\n  port: 587`),
    () =>
      marked(
        "xml",
        `<customer id="${number(6)}"><email>${m("email", email())}</email><ssn>${m("ssn", ssn())}</ssn><created>${iso()}</created></customer>`,
      ),
    () => marked("text", `refund to ${m("iban", iban())} of ${number(3)}.${two(below(99))} EUR queued as job ${number(9)}`),
  ];

  const negatives: (() => string)[] = [
    () =>
      `{"ts":"${iso()}","level":"${level()}","trace_id":"${chars(HEX, 32)}","span_id":"${chars(HEX, 16)}","dd.trace_id":"${number(19)}","dd.span_id":"${number(18)}","msg":"request done"}`,
    () =>
      `time=${iso()} level=info service=${pick(SERVICES)} pod=${pod()} node=ip-10-0-${below(255)}-${below(255)}.eu-west-1.compute.internal dur=${below(999)}.${number(3)}ms`,
    () =>
      `commit ${chars(HEX, 40)} (tag: v${below(9)}.${below(30)}.${below(20)})\nimage registry.internal/shop/cart@sha256:${chars(HEX, 64)}`,
    () =>
      `order_id=${number(16)} invoice=${number(10)} shipment ${number(12)} sku ${chars(UPPER, 3)}-${number(6)} total=${number(3)}.${two(below(99))}`,
    () =>
      `{"series":[[${number(13, "1")},${number(3)}.${number(6)}],[${number(13, "1")},${number(2)}.${number(9)}],[${number(10, "1")},0.${chars(DIGITS, 12)}]]}`,
    () =>
      `offset=${number(10)} partition=${below(64)} topic=${pick(SERVICES)}.events.v${below(5)} group=${pick(SERVICES)}-consumer-${number(2)} lag=${number(6)}`,
    () =>
      `${ip()} - - [12/May/2026:03:${two(below(60))}:11 +0000] "GET /v1/orders/${number(9)}?page=${below(90)}&ts=${number(13, "1")} HTTP/1.1" 200 ${number(5)} "-" "Mozilla/5.0 (X11; Linux x86_64; rv:${number(3)}.0) Gecko/20100101 Firefox/${number(3)}.0"`,
    () =>
      `   at com.acme.${pick(["cart", "ledger"])}.Service$$Lambda$${number(4)}/0x${chars(HEX, 16)}.run(Unknown Source)\n   at java.base@21.0.${below(9)}/java.lang.Thread.run(Thread.java:${number(4)})`,
    () =>
      `Pulled image "eu.gcr.io/shop/${pick(SERVICES)}:${number(8, "2")}.${number(6)}-${chars(HEX, 7)}" in ${below(9)}.${number(9)}s, digest sha256:${chars(HEX, 64)}`,
    () =>
      `pg: duration: ${number(4)}.${number(3)} ms  statement: SELECT id, email, password_hash FROM users WHERE tenant = $1 AND created_at > '${iso()}' LIMIT ${number(3)}`,
    () => `arn:aws:sqs:eu-west-1:${number(12)}:${pick(SERVICES)}-dead-letter.fifo ApproximateNumberOfMessages=${number(6)}`,
    () =>
      `{"uuid":"${uuid()}","etag":"W/\\"${chars(HEX, 8)}-${chars(ALNUM, 27)}\\"","bytes":${number(9)},"token_count":${number(5)},"max_tokens":${number(4)},"key":"${pick(SERVICES)}/2026/05/12/part-${chars(DIGITS, 5)}.parquet"}`,
    () =>
      `WARN password authentication is disabled; token bucket refilled ${number(4)} tokens, secret rotation due in ${below(30)} days, key cache hit ratio 0.${number(4)}`,
    () =>
      `heap: ${number(9)} bytes used, ${number(10)} max; gc pause ${number(2)}.${number(3)}ms; 0x${chars(HEX, 12)} threads=${below(200)} pid ${number(5)} uptime ${number(8)}`,
    () =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${pick(SERVICES)}-db\n  uid: ${uuid()}\n  resourceVersion: "${number(9)}"\nsecretKeyRef: { name: ${pick(SERVICES)}-db, key: password }`,
    () =>
      `npm ERR! notarget No matching version found for @acme/${pick(SERVICES)}@${below(9)}.${below(20)}.${below(9)} published 2026-05-${two(1 + below(28))} 03:12:${two(below(60))}`,
    () =>
      `kafka: consumed message key=${pick(SERVICES)}-${number(6)} headers={"x-correlation-id":"${uuid()}"} latency p50=${number(2)} p95=${number(3)} p99=${number(4)} window 2026-05-12 03:10 - 2026-05-12 03:20`,
    () =>
      `git clone git@github.com:acme/${pick(SERVICES)}.git; ssh deploy@${pick(SERVICES)}-db.internal; cp icon@2x.png; 1.${number(3)}.${number(3)}-rc.${below(9)}; port 8${number(3)}; lat=${number(2)}.${number(6)} lon=-${number(2)}.${number(6)}`,
    () =>
      `partition_key=${pick(SERVICES)}#${number(8)} idempotency_key=${uuid()} next_page_token=${chars(ALNUM, 24)} cursor=${chars(`${ALNUM}_-`, 32)} session count ${number(4)}`,
    () =>
      `ledger batch ${number(8, "2")}-${number(6)} closed: rows ${number(7)}, crc32 ${chars(HEX, 8)}, checksum md5 ${chars(HEX, 32)}, lsn ${chars("0123456789ABCDEF", 2)}/${chars("0123456789ABCDEF", 8)}`,
  ];

  return Array.from({ length: lines }, (_, index) =>
    index % 5 < 3 ? pick(positives)() : { style: "negative", text: pick(negatives)(), marks: [] },
  );
}

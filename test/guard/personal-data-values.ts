import { createRandom, type Random } from "../support/random.ts";

export const FIRST = "Ana Bjørn Chiara Dmitri Élodie Fatima Grzegorz Hana Ingrid João Katarzyna Liam Mei Nikhil Olu Priya".split(" ");
export const LAST =
  "Almeida Bergström Conti Dubois Eriksen Fischer García Hughes Ito Jansen Kowalska Lindqvist Müller Nowak Okafor Patel".split(" ");
const HOSTS = "example.com example.org mail.acme.co.uk web.de shop.example.net orange.fr gmail.com uni-wien.ac.at acme.io".split(" ");
export const SERVICES = "checkout payments-api cart ledger-worker user-profile notification-gateway kyc-service search-indexer".split(" ");
export const HEX = "0123456789abcdef";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
export const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
export const DIGITS = "0123456789";
export const ALNUM = UPPER + LOWER + DIGITS;

export const two = (value: number) => String(value).padStart(2, "0");
export const luhn = (body: string) => {
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
const mod97 = (digits: string) => Number(BigInt(digits) % 97n);
const sum = (digits: string, weights: readonly number[]) =>
  weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
const until = (make: () => string | null): string => {
  for (;;) {
    const made = make();
    if (made !== null) return made;
  }
};
const LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE";
/** A value in a text, to be found again with its kind. */
export const marked = (kind: string, value: string) => `«${kind}|${value}»`;
export const inJson = (value: string) => JSON.stringify(value).slice(1, -1);

/** Made-up values, each with the check digits that its standard defines. */
export class Values {
  readonly #random: Random;
  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  readonly random = () => this.#random.next();
  readonly below = (limit: number) => this.#random.below(limit);
  readonly pick = <T>(list: readonly T[]): T => this.#random.pick(list);
  readonly chars = (alphabet: string, length: number) => Array.from({ length }, () => alphabet[this.below(alphabet.length)]).join("");
  readonly number = (length: number, first = "123456789") => this.chars(first, 1) + this.chars(DIGITS, length - 1);
  readonly card = () => {
    const brand = this.below(4);
    if (brand === 3) {
      const amex = luhn(this.pick(["34", "37"]) + this.chars(DIGITS, 12));
      return this.pick([amex, groups(amex, [4, 6, 5], " ")]);
    }
    const plain = luhn(
      brand === 0
        ? `4${this.chars(DIGITS, 14)}`
        : brand === 1
          ? `5${1 + this.below(5)}${this.chars(DIGITS, 13)}`
          : `6011${this.chars(DIGITS, 11)}`,
    );
    return this.pick([plain, groups(plain, [4, 4, 4, 4], " "), groups(plain, [4, 4, 4, 4], "-")]);
  };
  readonly iban = () => {
    const [country, body] = this.pick([
      ["DE", this.chars(DIGITS, 18)],
      ["FR", this.chars(DIGITS, 23)],
      ["NL", `ABNA${this.chars(DIGITS, 10)}`],
      ["GB", `NWBK${this.chars(DIGITS, 14)}`],
      ["ES", this.chars(DIGITS, 20)],
      ["PL", this.chars(DIGITS, 24)],
    ] as const);
    const numeric = [...`${body}${country}00`].map((char) => (/\d/.test(char) ? char : String(char.charCodeAt(0) - 55))).join("");
    const plain = `${country}${two(98 - mod97(numeric))}${body}`;
    return this.random() < 0.5 ? plain : (plain.match(/.{1,4}/g) ?? []).join(" ");
  };
  readonly birth = () => ({ year: 1945 + this.below(60), month: 1 + this.below(12), day: 1 + this.below(28) });
  readonly ssn = () =>
    `${two(1 + this.below(88))}${1 + this.below(9)}-${two(1 + this.below(99))}-${String(1 + this.below(9998)).padStart(4, "0")}`.replace(
      /^666/,
      "665",
    );
  readonly nino = () => {
    const plain = `${this.pick(["AB", "CE", "JG", "PW", "SR", "YH"])}${this.chars(DIGITS, 6)}${this.pick([..."ABCD"])}`;
    return this.pick([plain, groups(plain, [2, 2, 2, 2, 1], " ")]);
  };
  readonly germanTaxId = () => {
    // Ten digits with exactly one of them twice.
    const all = [...DIGITS]
      .map((digit) => ({ digit, by: this.random() }))
      .toSorted((a, b) => a.by - b.by)
      .map(({ digit }) => digit);
    const nine = all.slice(0, 9);
    const body = [...nine, nine[this.below(8)] ?? "1"];
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
  readonly nir = () => {
    const { year, month } = this.birth();
    const body = `${this.pick(["1", "2"])}${two(year % 100)}${two(month)}${two(1 + this.below(95))}${this.chars(DIGITS, 6)}`;
    const plain = body + two(97 - mod97(body));
    return this.pick([plain, groups(plain, [1, 2, 2, 2, 3, 3, 2], " ")]);
  };
  readonly dni = () => {
    const digits = this.chars(DIGITS, 8);
    return digits + this.pick(["", "-"]) + (LETTERS[Number(digits) % 23] ?? "");
  };
  readonly nie = () => {
    const lead = this.below(3);
    const digits = this.chars(DIGITS, 7);
    return `${"XYZ"[lead] ?? ""}${digits}${LETTERS[Number(`${lead}${digits}`) % 23] ?? ""}`;
  };
  readonly codiceFiscale = () => {
    const { year, month, day } = this.birth();
    const body = `${this.chars("BCDFGLMNPRSTV", 6)}${two(year % 100)}${"ABCDEHLMPRST"[month - 1] ?? ""}${two(day)}${this.pick(["H501", "F205", "L219", "D612"])}`;
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
  readonly bsn = () =>
    until(() => {
      const body = this.number(8);
      const last = sum(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
      return last > 9 ? null : body + String(last);
    });
  readonly pesel = () => {
    const { year, month, day } = this.birth();
    const body = `${two(year % 100)}${two(year >= 2000 ? month + 20 : month)}${two(day)}${this.chars(DIGITS, 4)}`;
    return body + String((10 - (sum(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10);
  };
  readonly cpf = () => {
    const nine = this.number(9);
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
  readonly aadhaar = () => {
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
    const body = this.number(11, "23456789");
    const withDigit = Array.from({ length: 10 }, (_, last) => `${body}${last}`).find((digits) => {
      let check = 0;
      for (const [index, digit] of [...digits].reverse().entries()) check = multiply(check, permute(Number(digit), index % 8));
      return check === 0;
    });
    return groups(withDigit ?? "", [4, 4, 4], this.pick([" ", "-"]));
  };
  readonly indianPan = () => `${this.chars(UPPER, 3)}P${this.chars(UPPER, 1)}${this.chars(DIGITS, 4)}${this.chars(UPPER, 1)}`;
  readonly chineseId = () => {
    const { year, month, day } = this.birth();
    const body = `${this.pick(["110105", "310104", "440305"])}${year}${two(month)}${two(day)}${this.chars(DIGITS, 3)}`;
    // ISO 7064 MOD 11-2 by its recursion.
    let rest = 0;
    for (const digit of body) rest = ((rest + Number(digit)) * 2) % 11;
    const check = (12 - rest) % 11;
    return body + (check === 10 ? "X" : String(check));
  };
  readonly phones: (() => string)[] = [
    () => `+49 ${this.pick(["170", "151", "30", "89"])} ${this.number(7)}`,
    () => `+1-${this.number(3, "23456789")}-${this.number(3, "23456789")}-${this.chars(DIGITS, 4)}`,
    () => `+44 20 ${this.number(4)} ${this.chars(DIGITS, 4)}`,
    () => `+33${this.number(9)}`,
    () => `+91 ${this.number(5, "6789")} ${this.chars(DIGITS, 5)}`,
    () => `(${this.number(3, "23456789")}) ${this.number(3, "23456789")}-${this.chars(DIGITS, 4)}`,
    () => `${this.number(3, "23456789")}-${this.number(3, "23456789")}-${this.chars(DIGITS, 4)}`,
    () => `0${this.pick(["1", "6", "7"])} ${two(this.below(100))} ${two(this.below(100))} ${two(this.below(100))} ${two(this.below(100))}`,
    () => `07${this.chars(DIGITS, 3)} ${this.number(6)}`,
  ];
  readonly base64 = (length: number) => this.chars(`${ALNUM}+/`, length);
  readonly name = () => `${this.pick(FIRST)} ${this.pick(LAST)}`;
  readonly email = () => {
    const plain = (text: string) =>
      text
        .normalize("NFD")
        .replaceAll(/[^\x20-\x7e]/g, "")
        .replaceAll("ø", "o")
        .toLowerCase();
    return `${plain(this.pick(FIRST))}${this.pick([".", "_", "", "+"])}${plain(this.pick(LAST))}${this.pick(["", String(this.below(99))])}@${this.pick(HOSTS)}`;
  };
  readonly secrets: Record<string, () => string> = {
    "aws-key": () => `AKIA${this.chars(UPPER + "234567", 16)}`,
    "github-token": () => `ghp_${this.chars(ALNUM, 36)}`,
    "gitlab-token": () => `glpat-${this.chars(ALNUM, 20)}`,
    "slack-token": () => `xoxb-${this.number(12)}-${this.number(12)}-${this.chars(ALNUM, 24)}`,
    "stripe-key": () => `sk_live_${this.chars(ALNUM, 24)}`,
    "model-key": () => `sk-ant-api03-${this.chars(ALNUM, 86)}`,
    jwt: () => `eyJhbGciOiJIUzI1NiJ9.eyJ${this.chars(ALNUM, 40)}.${this.chars(`${ALNUM}_-`, 43)}`,
    "npm-token": () => `npm_${this.chars(ALNUM, 36)}`,
    "google-key": () => `AIza${this.chars(`${ALNUM}_-`, 35)}`,
  };
  readonly passwords = () =>
    this.pick([
      `${this.pick(FIRST)}!${this.number(4)}`,
      this.chars(ALNUM, 14),
      `correct-${this.chars(LOWER, 6)}-${this.number(2)}`,
      `${this.chars(LOWER, 8)}#${this.number(3)}`,
    ]);
  readonly uuid = () => groups(this.chars(HEX, 32), [8, 4, 4, 4, 12], "-");
  readonly iso = () =>
    `2026-${two(1 + this.below(12))}-${two(1 + this.below(28))}T${two(this.below(24))}:${two(this.below(60))}:${two(this.below(60))}.${this.chars(DIGITS, 3)}Z`;
  readonly level = () => this.pick(["INFO", "WARN", "ERROR", "DEBUG"]);
  readonly ip = () => `10.${this.below(255)}.${this.below(255)}.${this.below(255)}`;
  readonly pod = () => `${this.pick(SERVICES)}-${this.chars(`${LOWER}${DIGITS}`, 9)}-${this.chars(`${LOWER}${DIGITS}`, 5)}`;
  readonly secret = () => {
    const kind = this.pick(Object.keys(this.secrets));
    return marked(kind, this.secrets[kind]?.() ?? "");
  };
  readonly phone = () => marked("phone", this.pick(this.phones)());
  /** Ids that stand for themselves, and those that need the word before them. */
  readonly strongId = () =>
    this.pick([
      () => marked("ssn", this.ssn()),
      () => marked("nino", this.nino()),
      () => marked("nir", this.nir()),
      () => marked("dni", this.dni()),
      () => marked("nie", this.nie()),
      () => marked("codice-fiscale", this.codiceFiscale()),
      () => marked("cpf", this.cpf()),
      () => marked("aadhaar", this.aadhaar()),
      () => marked("indian-pan", this.indianPan()),
      () => marked("chinese-id", this.chineseId()),
    ])();
  readonly calledId = () =>
    this.pick([
      () => `Steuer-ID: ${marked("german-tax-id", this.germanTaxId())}`,
      () => `BSN ${marked("bsn", this.bsn())}`,
      () => `PESEL ${marked("pesel", this.pesel())}`,
      () => `SSN ${marked("ssn", this.ssn().replaceAll("-", ""))}`,
      () => `Aadhaar no ${marked("aadhaar", this.aadhaar().replaceAll(/[ -]/g, ""))}`,
    ])();
}

import { expect, test } from "vitest";
import { createFinder } from "../../src/guard/finder.ts";
import { narrowed } from "../../src/guard/wide-forms.ts";

const { find } = createFinder();
/** Each printable sign of ASCII as East Asian keyboards write it. */
const wide = (text: string) => text.replaceAll(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));
const inDigitsOf = (zero: string) => (text: string) =>
  text.replaceAll(/\d/g, (digit) => String.fromCharCode(zero.charCodeAt(0) + Number(digit)));
const found = (text: string) => find(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);

const values = [
  ["the password for the jump host is ", "Tr0ub4dor", "password"],
  ["пароль для стенда: ", "Зима2024", "password"],
  ["您的验证码是", "482913", "security-code"],
  ["paid with card ", "4000 0012 3456 7899", "card"],
  ["mail of ", "jo.doe@acme-shop.com", "email"],
  ["IBAN ", "DE89 3704 0044 0532 0130 00", "iban"],
] as const;

test.each(values)("what is found in narrow forms is found in wide ones too: %s%s", (lead, value, kind) => {
  expect(found(lead + value)).toEqual([[kind, value]]);
  expect(found(lead + wide(value))).toEqual([[kind, wide(value)]]);
});

test.each([
  ["Arabic", "٠"],
  ["Persian", "۰"],
  ["Devanagari", "०"],
  ["Thai", "๐"],
])("a card, a code and a password in %s digits are found", (_script, zero) => {
  const digits = inDigitsOf(zero);
  for (const [lead, value, kind] of values.slice(0, 4)) expect(found(lead + digits(value))).toEqual([[kind, digits(value)]]);
});

test.each([
  "注文１２３件、遅延４５ミリ秒",
  "エラー５０３が２０２６年１２月１日に発生",
  "ノードＡの応答：遅い",
  "الخطأ ٥٠٣ في ٤٥ طلبا",
  "失败：连接超时，请重试",
])("figures and signs in such forms alone are nothing: %s", (text) => expect(find(text)).toEqual([]));

test("places are the same in both forms, and a text in narrow forms, with wide signs or not, is looked through once", () => {
  expect(narrowed("１２ａ＠：٣")).toBe("12a@:3");
  expect(narrowed("a 😀 １ 𝟙")).toHaveLength("a 😀 １ 𝟙".length);
  expect(found("１ 𝟙 the password is Tr0ub4dor 𝟙𝟙")).toEqual([["password", "Tr0ub4dor"]]);
  expect(narrowed(narrowed("１２ ٣ 𝟙 ＡＢ") ?? "")).toBeNull();
  expect(["plain 123", "失败：连接超时，请重试", "пароль"].map(narrowed)).toEqual([null, null, null]);
});

test("digits of every script of the first plane are read, and no other character but wide ones", () => {
  const chars = [...Array(0x10_000).keys()].map((code) => String.fromCharCode(code)).filter((char) => char > "9");
  const read = chars.filter((char) => narrowed(char) !== null);
  expect(read).toEqual(chars.filter((char) => /\p{Nd}|[\uff10-\uff19\uff20-\uff3a\uff41-\uff5a]/u.test(char)));
});

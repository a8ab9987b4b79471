import { describe, expect, test } from "vitest";
import { createRedaction } from "../../src/guard/redact.ts";
import { literalOf, parseRedactionRules, RedactionRulesError } from "../../src/guard/redaction-rules.ts";

const problemsOf = (source: string): readonly string[] => {
  try {
    parseRedactionRules(source, "rules.yaml");
  } catch (error) {
    if (error instanceof RedactionRulesError) return error.problems;
    throw error;
  }
  return [];
};

const plainWith = (source: string) =>
  createRedaction({ own: [], labelSecret: "x", rules: parseRedactionRules(source, "rules.yaml") }).plain;

describe("rules of the operator's own", () => {
  test("hide what their pattern matches, or its first group", () => {
    const plain = plainWith(
      "rules:\n  - { name: customer-number, pattern: 'KD-[0-9]{8}' }\n  - { name: badge, pattern: 'badge (\\w{4})', kind: badge-id }\n",
    );
    expect(plain("KD-12345678 with badge ab12, KD-1")).toBe("<customer-number> with badge <badge-id>, KD-1");
  });

  test("also where the text is one short word and nothing else, as in a field of an answer", () => {
    const redaction = createRedaction({
      own: [],
      labelSecret: "x",
      rules: parseRedactionRules("rules: [{ name: customer, pattern: 'Contoso|Fabrikam' }]", "rules.yaml"),
    });
    expect(redaction.plain("Contoso")).toBe("<customer>");
    expect(JSON.stringify(redaction.forIncident("one").deep({ tenant: "Fabrikam", level: "error" }))).not.toContain("Fabrikam");
  });

  test("name fields whose value is hidden whatever it is, in any spelling", () => {
    const plain = plainWith('{"fields":["customer_name",{"name":"vatNo","kind":"tax-id"}]}');
    expect(plain('{"customerName":"Jane \\"J\\" Doe","VAT-NO":"x1"} customer_name=Jane Doe status=ok')).toBe(
      '{"customerName":"<value>","VAT-NO":"<tax-id>"} customer_name=<value> status=ok',
    );
  });

  test("leave alone what is to be ignored", () => {
    const plain = plainWith("ignore: ['.*@robots\\.example']");
    expect(plain("a@robots.example b@people.example")).toBe("a@robots.example <email>");
  });

  test("are looked for where their literal stands alone, and found all the same", () => {
    expect(literalOf("KD-[0-9]{8}")).toBe("KD-");
    expect(literalOf("(?:AB|CD)xyz?")).toBe("xy");
    expect(literalOf("a|bcd")).toBe("");
    expect(literalOf("(?i)abc")).toBe("");
    expect(literalOf("ab\\.cd+e*")).toBe("ab.cd");
    expect(literalOf("[]x]yz")).toBe("yz");
  });
});

describe("a bad rule is refused at start", () => {
  test.each([
    ["rules:\n  - name: a\n    pattern: 'x(?=y)'\n", /^rules\.yaml:3: rule a: the pattern is not RE2 syntax .*write it without them\.$/],
    ["rules:\n  - name: a\n    pattern: '(x)\\1'\n", /^rules\.yaml:3: rule a: the pattern is not RE2 syntax/],
    ["rules:\n  - name: a\n    pattern: 'x*'\n", /^rules\.yaml:3: rule a: the pattern matches an empty text.*at least one character\.$/],
    ["rules:\n\n  - name: Not This\n    pattern: x\n", /^rules\.yaml:3: rules\.0\.name must be lower case/],
    ["fields: [a]\nrule:\n  - x\n", /^rules\.yaml:2: .*rule/],
    ["rules: [\n", /^rules\.yaml:\d/],
    ["rules:\n  - { name: a, pattern: x }\n  - { name: a, pattern: y }\n", /^rules\.yaml:3: rule a: there are two/],
    ["ip_addresses: maybe", /^rules\.yaml:1: ip_addresses/],
  ])("%j", (source, words) => expect(problemsOf(source)).toEqual([expect.stringMatching(words)]));

  test("all problems are told at once", () => {
    expect(problemsOf("rules:\n  - { name: a, pattern: '(' }\n  - { name: b, pattern: '[' }\nignore: ['(?<=x)']\n")).toHaveLength(3);
  });

  test("a hostile text takes a pattern no longer than its length", () => {
    const plain = plainWith("rules: [{ name: evil, pattern: '(a+)+!' }]");
    expect(plain(`${"a".repeat(5_000)}!b`)).toBe("<evil>!b");
    expect(plain("a".repeat(5_000))).toBe("a".repeat(5_000));
  });
});

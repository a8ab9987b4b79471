import { describe, expect, test } from "vitest";
import { type PatchContext, type ProofPart, patchMessage, proposePatch, replaceProof } from "../../src/fix/pr-body.ts";
import type { ChartSeries } from "../../src/incident/chart.ts";
import type { PatchDraft } from "../../src/incident/fix.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { OUTSIDE_MARKUP } from "./outside-markup.ts";

const at = Date.parse("2026-05-01T03:12:00Z");
const draft: PatchDraft = {
  repository: "acme/shop",
  base: { branch: "main", sha: "1".repeat(40), tree: "2".repeat(40) },
  service: "payments",
  title: "Key the token cache by merchant",
  cause:
    "`TokenCache.get` includes the request id in its key since #2210, so no lookup ever hits.\n\nEach payment waits for a token call:\n- p50 4.4 s\n- checkout gives up after 5 s",
  change: "`keyOf` takes the merchant alone.",
  notChanged: "Token lifetime, refresh path.",
  risk: "Two merchants never share a token: covered by `separates merchants`.",
  rollBack: "Revert this pull request; nothing is stored.",
  notChecked: "Load on the provider after the cache fills",
  test: { name: "token cache hits for the same merchant", command: "npx vitest run services/pay/test/cache.test.ts" },
  noTestBecause: null,
  files: [
    { path: "services/pay/src/cache.ts", role: "fix", mode: "100644", before: "a\nb\nc\n", after: "a\nB\nc\n" },
    { path: "services/pay/test/cache.test.ts", role: "test", mode: "100644", before: null, after: "one\ntwo\n" },
  ],
  lines: 4,
  evidence: [11, 13],
};

const proof: ProofPart = {
  headline: "The test fails before the fix and passes after it.",
  rows: [
    { label: "main", sha: "1".repeat(40), test: "unknown", checks: { passed: 3, failed: 0, running: 0, failedNames: [] } },
    {
      label: "main + test",
      sha: "c1".repeat(20),
      test: "fails",
      checks: { passed: 2, failed: 1, running: 0, failedNames: ["unit | node 24"] },
    },
    { label: "main + test + fix", sha: "c2".repeat(20), test: "passes", checks: { passed: 3, failed: 0, running: 0, failedNames: [] } },
  ],
  note: null,
  test: "token cache hits for the same merchant",
};

const chart: ChartSeries = {
  service: "checkout",
  instance: null,
  what: "errors",
  kind: "errors",
  unit: "percent",
  points: Array.from({ length: 90 }, (_, index) => ({ at: at - 60 * 60_000 + index * 60_000, value: index < 60 ? 0.3 : 18 })),
  onset: at,
  evidence: 2,
};

const context: PatchContext = {
  incident: {
    id: "PGR0VU2",
    startedBy: "PagerDuty",
    number: 4821,
    title: "checkout error rate",
    link: "https://acme.pagerduty.com/incidents/PGR0VU2",
  },
  symptom: { service: "checkout", what: "errors", before: 0.3, now: 18, unit: "percent", since: at, evidence: [2] },
  timelineUrl: "https://midwatch.acme.example/incidents/PGR0VU2",
  evidenceUrl: (evidence) => `https://midwatch.acme.example/incidents/PGR0VU2/evidence/${evidence}`,
  notChecked: ["Sentry is not configured"],
  confidence: 0.86,
  chart,
  proof,
  owners: ["@acme/payments", "ana@acme.io"],
};

/** Each part stands in the text, in this order. */
function expectInOrder(text: string, parts: readonly string[]): void {
  const places = parts.map((part) => text.indexOf(part));
  expect(parts.filter((_, index) => (places[index] ?? -1) < 0)).toEqual([]);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
}

test("a reviewer is told of tests that were there and say something else now", () => {
  const [mended] = draft.files;
  const edited = { path: "services/pay/test/pay.test.ts", role: "test" as const, mode: "100644" as const };
  const body = (after: string) =>
    proposePatch({ ...draft, files: [mended, { ...edited, before: "one\ntwo\n", after }].flatMap((file) => file ?? []) }, context).body;
  expect(body("one\nTWO\n")).toContain(
    "**1 line of existing tests is changed or removed, in `services/pay/test/pay.test.ts`: read it first.**",
  );
  expect(body("one\ntwo\nthree\n")).not.toContain("tests that were there");
});

test("a reviewer reads the proof first, then symptom, cause, change, risk and what was not checked", () => {
  const { title, body, message } = proposePatch(draft, context);
  expect(title).toBe("Key the token cache by merchant (PagerDuty no. 4821)");
  expect(message.split("\n")[0]).toBe("payments: test that token cache hits for the same merchant (fails until the next commit)");
  expectInOrder(body, [
    "**The test fails before the fix and passes after it.**",
    "| | test `token cache hits for the same merchant` | checks |",
    "| main (`1111111`) | unknown | 3 passed |",
    "| main + test (`c1c1c1c`) | fails | 2 passed, 1 failed (`unit \\| node 24`) |",
    "| main + test + fix (`c2c2c2c`) | passes | 3 passed |",
    "*Symptom* checkout: errors 0.3 % → 18 % since 2026-05-01 03:12 UTC ([E2](https://midwatch.acme.example/incidents/PGR0VU2/evidence/2)) · [PagerDuty no. 4821](https://acme.pagerduty.com/incidents/PGR0VU2): checkout error rate",
    "```mermaid\nxychart-beta\n",
    "*Cause (likely, 0.86)* `TokenCache.get` includes the request id",
    "- p50 4.4 s\n- checkout gives up after 5 s ([E11](https://midwatch.acme.example/incidents/PGR0VU2/evidence/11), [E13](",
    "*Change* `keyOf` takes the merchant alone.",
    "2 files, 4 lines, on `main` at 1111111:",
    "- `services/pay/src/cache.ts` +1 −1",
    "- `services/pay/test/cache.test.ts` new, 2 lines (test)",
    "*Not changed* Token lifetime, refresh path.",
    "*Test* `token cache hits for the same merchant` in `services/pay/test/cache.test.ts`; the first commit has only this test",
    "*Risk* Two merchants never share a token",
    "*Roll back* Revert this pull request; nothing is stored.",
    "*Not checked* Load on the provider after the cache fills. Also: Sentry is not configured.",
    "```sh\ngh pr checkout midwatch/PGR0VU2-patch\nnpx vitest run services/pay/test/cache.test.ts\n```",
    "Owners of these files: @acme/payments. Nobody is assigned.",
    "A draft by midwatch; a person decides. [Timeline](https://midwatch.acme.example/incidents/PGR0VU2)",
  ]);
  expect(body).not.toContain("ana@");
  // GitHub shows the title above, and what CI ran stands in the proof.
  expect(body).not.toMatch(/Key the token cache by merchant \(|ran no tests/);
});

test("a reviewer is told which tests that were there it changes", () => {
  const [fix = expect.fail(), made = expect.fail()] = draft.files;
  const told = (files: PatchDraft["files"]) => proposePatch({ ...draft, files }, context).body;
  expect(told([fix, { ...made, before: "one\nother\n" }])).toContain(
    "**1 line of existing tests is changed or removed, in `services/pay/test/cache.test.ts`: read it first.**",
  );
  for (const files of [
    [fix, made],
    [fix, { ...made, before: "one\n" }],
  ])
    expect(told(files)).not.toContain("tests that were there");
});

test("the first line that is seen says that there is no CI, where there is none", () => {
  const { body } = proposePatch(draft, { ...context, proof: { headline: "No CI: nothing ran on these commits.", rows: [], note: null } });
  expect(body.split("\n").find((line) => !line.startsWith("<!--"))).toBe("**No CI: nothing ran on these commits.**");
});

test("once the pull request has a number, the commands name it", () => {
  expect(proposePatch(draft, { ...context, pullRequest: 2216 }).body).toContain("gh pr checkout 2216\n");
});

test("the deploy that brought the fault is named by its code, its number only in its own repository", () => {
  const introducedBy: ChangeEvent = {
    kind: "deploy",
    ...{ at, service: "payments", title: "x", sha: "9f2c1e4".padEnd(40, "0"), previousSha: "7ab0d20".padEnd(40, "0") },
    ...{ version: null, repository: "acme/shop", author: "ana", files: null, link: null, evidence: 5 },
    pullRequest: { number: 2210, title: "cache tokens <img>", url: "https://github.com/acme/shop/pull/2210" },
  };
  const { body } = proposePatch(draft, { ...context, introducedBy });
  expect(body).toMatch(
    /\*Introduced by\* deploy payments `7ab0d20` → `9f2c1e4` from #2210 \(cache tokens .*\), live since 2026-05-01 03:12 UTC\n\n\*Change\*/,
  );
  expect(body).not.toContain("<img>");
  expect(proposePatch(draft, { ...context, introducedBy: { ...introducedBy, repository: "acme/other" } }).body).not.toContain("from #2210");
  expect(proposePatch(draft, context).body).not.toContain("Introduced by");
});

test("a patch without a test says why, and its table has no column for one", () => {
  const untested = { ...draft, test: null, noTestBecause: "The limit is a value in production alone", files: draft.files.slice(0, 1) };
  const { body } = proposePatch(untested, { ...context, proof: { ...proof, test: null } });
  expect(body).toContain("*No test* The limit is a value in production alone.");
  expect(body).toContain("| | checks |\n|---|---|\n");
  expect(body).toContain("```sh\ngh pr checkout midwatch/PGR0VU2-patch\n```");
});

test("a migration is told before all else that the patch says", () => {
  const files = [
    ...draft.files,
    { path: "db/migrations/0007_index.sql", role: "fix" as const, mode: "100644" as const, before: null, after: "x\n" },
  ];
  const { body } = proposePatch({ ...draft, files }, context);
  const told = body.indexOf("**This holds a database migration: `db/migrations/0007_index.sql`.**");
  expect(told).toBeGreaterThan(0);
  expect(body.indexOf("*Symptom*")).toBeGreaterThan(told);
});

test("a patch in a revert's place says so and is checked out from the revert's branch", () => {
  const { body } = proposePatch(draft, {
    ...context,
    tookOver: { branch: "midwatch/PGR0VU2-revert-9f2c1e4", reverted: "9f2c1e4".padEnd(40, "0") },
  });
  expect(body).toContain("This pull request was a revert of 9f2c1e4. The patch replaces it");
  expect(body).toContain("gh pr checkout midwatch/PGR0VU2-revert-9f2c1e4");
});

describe("the chart", () => {
  const drawn = (series: ChartSeries, more: Partial<PatchContext> = {}) =>
    /```mermaid\n([\s\S]*?)\n```/.exec(proposePatch(draft, { ...context, chart: series, ...more }).body)?.[1] ?? null;

  test("has at most 40 points, keeps the peak and names its scales", () => {
    const peak = { ...chart, points: chart.points.map((point, index) => (index === 70 ? { ...point, value: 42.5 } : point)) };
    const lines = drawn({ ...peak, onset: null })?.split("\n") ?? [];
    expect(lines.slice(0, 4)).toEqual([
      "xychart-beta",
      '    title "checkout errors"',
      '    x-axis "minutes from 02:12 UTC" 0 --> 89',
      '    y-axis "percent"',
    ]);
    const values = JSON.parse(lines[4]?.replace("line", "") ?? "[]") as number[];
    expect(values).toHaveLength(40);
    expect(Math.max(...values)).toBe(42.5);
    expect(values[0]).toBe(0.3);
  });

  test("begins at most 20 minutes before the onset", () => {
    expect(drawn(chart)).toContain('x-axis "minutes from 02:52 UTC, onset at 03:12" 0 --> 49');
  });

  test("is of the symptom itself, not of another series", () => {
    expect(drawn({ ...chart, service: "cart" })).toBeNull();
    expect(drawn({ ...chart, what: "CPU" })).toBeNull();
    expect(drawn({ ...chart, service: "cart" }, { symptom: null })).toContain("cart errors");
  });

  test("shows seconds below one in milliseconds", () => {
    const points = [0.21, 0.25, 0.75].map((value, index) => ({ at: at + index * 60_000, value }));
    const lines = drawn({ ...chart, unit: "second", points });
    expect(lines).toContain('y-axis "ms"');
    expect(lines).toContain("line [210, 250, 750]");
    const slow = drawn({ ...chart, unit: "second", points: [...points, { at: at + 180_000, value: 4.8 }] });
    expect(slow).toContain('y-axis "second"');
  });

  test("shows a fraction in percent and tiny values without an exponent", () => {
    const points = [0.18, 0.000_000_1, 0.5].map((value, index) => ({ at: at + index * 60_000, value }));
    const lines = drawn({ ...chart, unit: "fraction", points });
    expect(lines).toContain('y-axis "percent"');
    expect(lines).toContain("line [18, 0.00001, 50]");
  });

  test("is left out of a public repository, and where there is nothing to draw", () => {
    expect(drawn(chart, { publicRepository: true })).toBeNull();
    expect(drawn({ ...chart, points: chart.points.slice(0, 2) })).toBeNull();
    expect(drawn({ ...chart, points: chart.points.map((point) => ({ ...point, value: Number.NaN })) })).toBeNull();
  });

  test("takes no markup from the names of a vendor", () => {
    const lines = drawn({ ...chart, service: 'x" \n```\n<b>', what: "%%{init: {}}%% ; click", unit: '"]\n```' }, { symptom: null }) ?? "";
    expect(lines.split("\n")).toHaveLength(5);
    expect(lines.replace(/^ {4}(?:title|y-axis|x-axis) "[^"]*"/gm, "")).not.toMatch(/["<{;`]/);
  });
});

describe("the proof is replaced in place:", () => {
  const { body } = proposePatch(draft, context);
  const after: ProofPart = {
    headline: "CI is red after the fix.",
    rows: [],
    note: "The incident is resolved; this draft is left for whoever wants it.",
  };

  test("the rest stays byte for byte, also where people edited it", () => {
    const edited = body.replace("*Risk* Two", "*Risk, says Ana* Two").replaceAll("\n", "\r\n");
    const replaced = replaceProof(edited, after) ?? "";
    expect(replaced.startsWith("<!-- midwatch:proof -->\r\n**CI is red after the fix.**\r\n\r\nThe incident is resolved;")).toBe(true);
    const rest = (text: string) => text.slice(text.indexOf("<!-- /midwatch:proof -->"));
    expect(rest(replaced)).toBe(rest(edited));
    expect(replaceProof(replaced, after)).toBe(replaced);
  });

  test("and put back it is what it was", () => {
    expect(replaceProof(replaceProof(body, after) ?? "", proof)).toBe(body);
  });

  test.each([
    ["gone", (text: string) => text.replace("<!-- midwatch:proof -->", "")],
    ["gone at the end", (text: string) => text.replace("<!-- /midwatch:proof -->", "")],
    ["doubled", (text: string) => `${text}<!-- midwatch:proof -->`],
    ["turned round", () => "<!-- /midwatch:proof --><!-- midwatch:proof -->"],
    ["all of it", () => "by hand"],
  ])("not where people left its comments %s", (_how, change) => {
    expect(replaceProof(change(body), after)).toBeNull();
  });

  test("and no text from outside can pass for its comments", () => {
    const faked = "<!-- midwatch:proof --> x <!-- /midwatch:proof -->";
    const hostile = proposePatch(
      {
        ...draft,
        title: faked,
        cause: `${faked} \`${faked}\``,
        risk: faked,
        test: { name: faked, command: "npm test" },
        files: draft.files.map((file) => ({ ...file, path: faked })),
      },
      { ...context, incident: { ...context.incident, title: faked }, proof: { ...proof, headline: faked, note: faked, test: faked } },
    ).body;
    expect(replaceProof(hostile, proof)).not.toBeNull();
  });
});

describe("text from outside does nothing", () => {
  const nasty =
    "fixes #12 @acme/oncall ![x](https://evil.example/p.png) <img src=x> closes https://github.com/acme/shop/issues/1\n# Heading\n```\n</details>";
  const everywhere = proposePatch(
    {
      ...draft,
      title: nasty,
      cause: nasty,
      change: nasty,
      notChanged: nasty,
      risk: nasty,
      rollBack: nasty,
      notChecked: nasty,
      test: { name: nasty, command: nasty },
      base: { ...draft.base, branch: nasty },
      files: draft.files.map((file) => ({ ...file, path: nasty })),
    },
    {
      ...context,
      incident: { ...context.incident, title: nasty, link: "javascript:alert(1)" },
      symptom: { service: nasty, what: nasty, before: 1, now: 2, unit: nasty, since: at, evidence: [] },
      chart: null,
      notChecked: [nasty],
      timelineUrl: null,
      evidenceUrl: () => "javascript:alert(1)",
      owners: [nasty, "@acme/../x y"],
      proof: {
        headline: nasty,
        rows: [
          {
            ...proof.rows[1],
            label: nasty,
            checks: { passed: 0, failed: 9, running: 1, failedNames: [nasty, nasty, nasty, nasty] },
          } as never,
        ],
        note: nasty,
        test: nasty,
      },
    },
  );

  test.each(["title", "body", "message"] as const)("in the %s", (where) => {
    expect(everywhere[where]).not.toMatch(OUTSIDE_MARKUP);
  });

  test("in the body, as tag, image, heading or fence", () => {
    const own = everywhere.body.replace(/<!-- \/?midwatch:proof -->/g, "");
    expect(own).not.toMatch(/<[a-z/!]/i);
    expect(own).not.toMatch(/!\[/);
    expect(own).not.toMatch(/^#/m);
    // A command that is none is not shown: the block holds the checkout alone.
    expect(own.match(/^`{3,}.*$/gm)).toEqual(["```sh", "```"]);
    expect(own).toContain("```sh\ngh pr checkout midwatch/PGR0VU2-patch\n```");
  });

  test("and a person's address, a number or a credential in it is cut out", () => {
    const text = proposePatch(draft, {
      ...context,
      incident: { ...context.incident, title: "mail ana@acme.io or +49 170 1234567" },
      notChecked: ["canary-value-of-mine"],
      own: ["canary-value-of-mine"],
    }).body;
    expect(text).not.toMatch(/acme\.io|1234567|canary/);
    expect(text).toContain("mail \\[email removed\\] or \\[phone removed\\]");
  });
});

test.each([
  ["of the team's own", ["1. Tell support, and say exactly which routes are slow.\n2. Wait."], true],
  ["of nobody's", [], false],
])("a pull request repeats a step %s words: %#", (_, trusted, stays) => {
  const step = "Tell support, and say exactly which routes are slow.";
  const { body } = proposePatch({ ...draft, cause: `The cache never hits. ${step}` }, { ...context, trusted });
  expect(body.includes("say exactly which routes are slow")).toBe(stays);
});

test("a body never outgrows what GitHub takes", () => {
  const long = "word ".repeat(5_000);
  const { body } = proposePatch(
    { ...draft, cause: long, change: `- ${long}\n`.repeat(50), risk: long, rollBack: long, notChecked: long },
    context,
  );
  expect(body.length).toBeLessThan(65_536);
});

describe("commit messages", () => {
  test("of the test say that it is meant to fail, and where", () => {
    const [subject, , ...rest] = patchMessage(draft, "test", context.incident).split("\n");
    expect(subject).toBe("payments: test that token cache hits for the same merchant (fails until the next commit)");
    expect(rest.join(" ").trim()).toBe(
      "It is meant to fail on main at 1111111. The next commit makes it pass and says why. Seen in PagerDuty no. 4821.",
    );
    expect(Math.max(...rest.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test("of the fix say what changes and why, of a further one that CI was red", () => {
    const message = patchMessage(draft, "fix", context.incident);
    expect(message.split("\n").slice(0, 3)).toEqual(["Key the token cache by merchant", "", "keyOf takes the merchant alone."]);
    expect(message).toContain("TokenCache.get");
    const again = patchMessage(draft, "improvement", context.incident, 2);
    expect(again).toMatch(/^Key the token cache by merchant \(2nd try\)\n\nCI was red on the previous one\.\n/);
    expect(again).not.toContain("TokenCache.get");
    expect(patchMessage(draft, "improvement", context.incident, 3)).toMatch(/^[^\n]* \(3rd try\)\n/);
  });

  test("have the prefix of the title once", () => {
    const prefixed = { ...draft, title: "pay: key the cache", test: { name: "pay: hits for a merchant", command: "x" } };
    expect(patchMessage(prefixed, "test", context.incident).split("\n")[0]).toBe(
      "pay: test that hits for a merchant (fails until the next commit)",
    );
  });
});

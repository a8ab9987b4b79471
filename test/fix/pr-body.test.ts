import { describe, expect, test } from "vitest";
import { type RevertContext, proposeRevert, replaceProof } from "../../src/fix/pr-body.ts";
import type { RevertPlan } from "../../src/fix/revert.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { OUTSIDE_MARKUP } from "./outside-markup.ts";

const sha = "9f2c1e4aa0b1c2d3e4f5060708090a0b0c0d0e0f";
const previousSha = "7ab0d2001122334455667788990011223344aabb";
const at = Date.parse("2026-05-01T03:10:55Z");

const change: ChangeEvent = {
  kind: "deploy",
  at,
  service: "payments",
  title: "cache provider tokens per merchant",
  sha,
  previousSha,
  version: null,
  repository: "acme/shop",
  author: "ana",
  pullRequest: { number: 2210, title: "cache provider tokens per merchant", url: "https://github.com/acme/shop/pull/2210" },
  files: [],
  link: null,
  evidence: 5,
};

/** A text that nobody changed or renamed since. */
const alone = { merged: false, binary: null, renamed: null, deployedAs: null };

const plan: RevertPlan = {
  status: "planned",
  repository: "acme/shop",
  sha,
  previousSha,
  previousAssumed: false,
  base: { branch: "main", sha: "1".repeat(40), tree: "2".repeat(40) },
  files: [
    {
      path: "src/token-cache.ts",
      action: "restored",
      texts: { before: "b", after: "a" },
      mode: "100644",
      sha: "3".repeat(40),
      ...alone,
    },
    { path: "src/refresh.ts", action: "deleted", texts: { before: "b", after: null }, mode: "100644", sha: null, ...alone },
  ],
  skipped: [],
  conflicts: [],
  clean: true,
  lines: 3,
  already: [],
  migrations: [],
  commits: [{ sha, title: "cache provider tokens per merchant" }],
  moreCommits: 0,
};

const context: RevertContext = {
  incident: {
    id: "PGR0VU2",
    startedBy: "PagerDuty",
    number: 4821,
    title: "checkout error rate",
    link: "https://acme.pagerduty.com/incidents/PGR0VU2",
  },
  suspect: {
    service: "payments",
    instance: null,
    fault: "code",
    change,
    probability: 0.86,
    onset: at + 45_000,
    reasons: [
      { text: "first to move: p95 latency 210 ms → 4.8 s, 45 s after the deploy", evidence: [3, 7], quote: null },
      { text: "new log pattern, 0 → 1,140/min", evidence: [9], quote: "token cache miss for merchant <id>, refreshing synchronously" },
    ],
  },
  symptom: { service: "checkout", what: "errors", before: 0.3, now: 18, unit: "percent", since: at + 77_000, evidence: [2] },
  timelineUrl: "https://midwatch.acme.example/incidents/PGR0VU2",
  evidenceUrl: (evidence) => `https://midwatch.acme.example/incidents/PGR0VU2/evidence/${evidence}`,
  notChecked: ["Sentry is not configured"],
};

test("a reviewer reads symptom, cause with its evidence, change, risk and what was not checked, in that order", () => {
  const { title, body } = proposeRevert(plan, context);
  expect(title).toBe("Revert payments 9f2c1e4: cache provider tokens per merchant (PagerDuty no. 4821)");
  const parts = [
    "*Symptom* checkout: errors 0.3 % → 18 % since 2026-05-01 03:12 UTC ([E2](",
    "[PagerDuty no. 4821](https://acme.pagerduty.com/incidents/PGR0VU2): checkout error rate",
    "*Cause (likely, 0.86)* Deploy payments 7ab0d20 → 9f2c1e4 from #2210, live since 2026-05-01 03:10 UTC",
    "- first to move: p95 latency 210 ms → 4.8 s, 45 s after the deploy ([E3](https://midwatch.acme.example/incidents/PGR0VU2/evidence/3), [E7](",
    "- new log pattern, 0 → 1,140/min ([E9](",
    "`token cache miss for merchant <\u200bid>, refreshing synchronously`",
    "*Change* 2 files back to 7ab0d20, which was live before; one commit on `main` at 1111111.",
    "- `src/token-cache.ts` as before",
    "- `src/refresh.ts` deleted: the change had added it",
    "*Not changed* Nothing: the whole deploy is reverted.",
    "*Risk* A code revert does not undo data that the deploy wrote",
    "*Roll back* Close this pull request",
    "*Not checked* midwatch ran no tests; Sentry is not configured.",
    "A draft by midwatch; a person decides. [Timeline](https://midwatch.acme.example/incidents/PGR0VU2)",
  ];
  let from = 0;
  for (const part of parts) {
    expect(body.slice(from)).toContain(part);
    from = body.indexOf(part, from);
  }
});

test("what a proof at the top says is not said again, nor a reason's quote", () => {
  const proof = { headline: "CI runs on it.", rows: [], note: null };
  const bare = proposeRevert(plan, { ...context, proof, notChecked: [] }).body;
  expect(bare).not.toMatch(/ran no tests|Not checked/);
  expect(proposeRevert(plan, { ...context, proof }).body).toContain("*Not checked* Sentry is not configured.\n");
  const [, reason = expect.fail()] = context.suspect.reasons;
  const reasons = [
    { ...reason, text: `new pattern: ${reason.quote}` },
    { ...reason, text: `new pattern: ${reason.quote}` },
  ];
  const { body } = proposeRevert(plan, { ...context, suspect: { ...context.suspect, reasons } });
  expect(body.match(/token cache miss/g)).toHaveLength(1);
  expect(body).not.toContain("**Revert payments");
});

test("a migration is the first thing said", () => {
  const { body } = proposeRevert({ ...plan, migrations: ["db/migrate/0007_drop.sql"] }, context);
  expect(body.split("\n")[0]).toBe(
    "**The change holds a database migration: `db/migrate/0007_drop.sql`.** A code revert does not undo data: its changes to the schema and the rows remain.",
  );
  expect(body).toContain("*Risk* The migration, see above;");
});

test("a part of a revert says so in its title and names each file left alone, with the reason", () => {
  const skipped = [{ path: "src/money.ts", because: "changed since by 1a2b3c4 (fix rounding)" }];
  const { title, body, message } = proposeRevert({ ...plan, skipped }, context);
  expect(title).toMatch(/^Revert part of payments 9f2c1e4: /);
  expect(message.split("\n")[0]).toBe(title);
  expect(body).toContain("*Not changed* 1 file of the same deploy, so this is a partial revert");
  expect(body).toContain("- `src/money.ts`: changed since by 1a2b3c4 (fix rounding)");
});

test("an assumed commit before is called assumed", () => {
  expect(proposeRevert({ ...plan, previousAssumed: true }, context).body).toContain(
    "its parent 7ab0d20 (what was live before is not on record)",
  );
});

test("several commits are listed, and that the others go too", () => {
  const commits = [
    { sha, title: "cache tokens" },
    { sha: "b".repeat(40), title: "rename a flag" },
  ];
  const { body } = proposeRevert({ ...plan, commits, moreCommits: 3 }, context);
  expect(body).toContain("It brought 5 commits, newest first:\n\n- 9f2c1e4 cache tokens\n- bbbbbbb rename a flag");
  expect(body).toContain("other commits of the deploy are reverted too");
});

test("the commit names both shas in full", () => {
  expect(proposeRevert(plan, context).message).toContain(`Puts 2 files back to ${previousSha}, live before ${sha}.`);
});

test("the pull request is named only where it is one of the same repository", () => {
  const moved = { ...context, suspect: { ...context.suspect, change: { ...change, repository: "acme/other" } } };
  expect(proposeRevert(plan, moved).body).not.toContain("#2210");
});

describe("text from outside does nothing", () => {
  const nasty = "fixes #12 @acme/oncall ![x](https://evil.example/p.png) <img src=x> closes https://github.com/acme/shop/issues/1";
  const everywhere = proposeRevert(
    {
      ...plan,
      skipped: [{ path: `src/${nasty}`, because: nasty }],
      migrations: [`db/migrate/${nasty}.sql`],
      commits: [
        { sha, title: nasty },
        { sha, title: nasty },
      ],
      files: plan.files.map((file) => ({ ...file, path: nasty, renamed: nasty })),
    },
    {
      ...context,
      incident: { ...context.incident, title: nasty, link: "javascript:alert(1)" },
      suspect: {
        ...context.suspect,
        service: nasty,
        reasons: [{ text: nasty, evidence: [1], quote: nasty }],
        change: { ...change, pullRequest: null, title: nasty },
      },
      symptom: { service: nasty, what: nasty, before: 1, now: 2, unit: nasty, since: at, evidence: [] },
      notChecked: [nasty],
      timelineUrl: null,
      evidenceUrl: () => "javascript:alert(1)",
    },
  );

  test.each(["title", "body", "message"] as const)("in the %s", (where) => {
    expect(everywhere[where]).not.toMatch(OUTSIDE_MARKUP);
  });

  test("in the body, as tag or image", () => {
    expect(everywhere.body).not.toMatch(/<[a-z/!]/i);
    expect(everywhere.body).not.toMatch(/!\[/);
  });
});

test("a body never outgrows what GitHub takes", () => {
  const long = "x".repeat(5_000);
  const many = Array.from({ length: 400 }, (_, index) => ({ path: `${long}${index}`, because: long }));
  const { body } = proposeRevert({ ...plan, skipped: many, migrations: many.map(({ path }) => path) }, context);
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain("- and 375 more");
});

test("a log pattern in a reason stays code, with its words around it", () => {
  const reasons = [{ text: "new log pattern `[*_GetRoutes] <*>` since 03:12", evidence: [], quote: null }];
  const { body } = proposeRevert(plan, { ...context, suspect: { ...context.suspect, reasons } });
  expect(body).toMatch(/- new log pattern `\[\*_GetRoutes\] <\*>` since 03:12/);
});

test("a public repository gets no log text, only what opens for the team", () => {
  const reasons = [{ text: "new log pattern `user 77 paid` since 03:12", evidence: [9], quote: "user 77 paid" }];
  const { body } = proposeRevert(plan, { ...context, publicRepository: true, suspect: { ...context.suspect, reasons } });
  expect(body).not.toContain("user 77");
  expect(body).toContain("- new log pattern (log text) since 03:12 ([E9](");
});

test("the proof of a revert stands first, has no column for a test, and can be replaced", () => {
  const checks = { passed: 4, failed: 0, running: 1, failedNames: [] };
  const proof = { headline: "CI runs.", rows: [{ label: "revert", sha, test: "unknown" as const, checks }], note: null, test: null };
  const { body } = proposeRevert(plan, { ...context, proof });
  expect(body.split("\n").slice(0, 6)).toEqual([
    "<!-- midwatch:proof -->",
    "**CI runs.**",
    "",
    "| | checks |",
    "|---|---|",
    "| revert (`9f2c1e4`) | 4 passed, 1 running |",
  ]);
  expect(replaceProof(body, { ...proof, headline: "No CI: nothing ran.", rows: [] })).toContain(
    "**No CI: nothing ran.**\n\n<!-- /midwatch:proof -->",
  );
});

test("a reviewer is told how to check a revert out, and whose files it changes", () => {
  const { body } = proposeRevert(plan, { ...context, owners: ["@acme/payments", "@ana"], pullRequest: null });
  expect(body).toContain("```sh\ngh pr checkout midwatch/PGR0VU2-revert-9f2c1e4\n```");
  expect(body).toContain("Owners of these files: @acme/payments, @ana. Nobody is assigned.");
});

test("a conflict is told with both of its sides, as code that does nothing", () => {
  const conflict = {
    at: 12,
    deployed: null,
    ours: { line: 12, lines: ["const total = round(sum); // @acme/oncall fixes #1", "```", "<!-- midwatch:proof -->"], more: 2 },
    theirs: { line: 11, lines: ["const total = sum;"], more: 0 },
  };
  const conflicts = [{ path: "src/money.ts", because: "changed since by 1a2b3c4 (fix rounding)", conflict: [conflict], moreHunks: 1 }];
  const { body } = proposeRevert({ ...plan, conflicts }, context);
  expect(body).toContain(
    [
      "*Conflicts* 1 file changed since, in conflict with the revert; both sides:",
      "",
      "`src/money.ts`:",
      "",
      "````text",
      "now on main, line 12:",
      "    const total = round(sum); // @acme/oncall fixes #1",
      "    ```",
      "    <! -- midwatch:proof -->",
      "    … 2 more lines",
      "before the deploy, line 11:",
      "    const total = sum;",
      "",
      "… and 1 more place",
      "````",
    ].join("\n"),
  );
});

test("a file that others changed since says so, as does one that they renamed", () => {
  const merged = {
    ...plan.files[0],
    path: "src/cache.ts",
    merged: true,
    sha: null,
    deployedAs: "src/token-cache.ts",
  } as RevertPlan["files"][number];
  const { body } = proposeRevert({ ...plan, files: [merged] }, context);
  expect(body).toContain(
    "- `src/cache.ts` without the deploy's change; later changes stay (deployed as `src/token-cache.ts`, renamed since)",
  );
});

describe("nothing sensitive leaves", () => {
  const key = [
    "const key = `-----BEGIN RSA PRIVATE KEY-----",
    "MIIEpAIBAAKCAQEAsecretsecretsecretline1",
    "bGluZTJzZWNyZXRzZWNyZXRzZWNyZXQ=",
    "-----END RSA PRIVATE KEY-----`;",
  ];
  const side = (...lines: string[]) => ({ line: 1, lines, more: 0 });
  const conflicts = [
    {
      path: "src/key.ts",
      because: "changed since",
      moreHunks: 0,
      conflict: [{ at: 1, deployed: null, ours: side("mine"), theirs: side(...key) }],
    },
  ];

  test("a private key in a conflict is cut out with all its lines", () => {
    const { body } = proposeRevert({ ...plan, conflicts }, context);
    expect(body).toContain("[private-key removed]");
    expect(body).toContain("    mine");
    expect(body).not.toMatch(/MIIE|bGlu|END RSA/);
  });

  test("a public repository is told which files conflict, and none of their lines", () => {
    const { body } = proposeRevert({ ...plan, conflicts }, { ...context, publicRepository: true });
    expect(body).toContain("*Conflicts* 1 file changed since, in conflict with the revert:\n\n- `src/key.ts`\n");
    expect(body).not.toContain("mine");
  });

  test("a credential of midwatch's own, whatever Markdown would make of it", () => {
    const own = "pd_rout_ing~key*value_9";
    const hidden = `${own.slice(0, 5)}\u200b${own.slice(5)}`;
    const { title, body, message } = proposeRevert(
      {
        ...plan,
        commits: [
          { sha, title: `x ${own}` },
          { sha: "b".repeat(40), title: hidden },
        ],
      },
      { ...context, own: [own], incident: { ...context.incident, title: `alert ${own}` }, suspect: { ...context.suspect, change: null } },
    );
    expect(`${title}${body}${message}`).not.toMatch(/rout|value/);
    expect(title).toContain("own-secret removed");
  });
});

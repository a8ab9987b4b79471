import { parseCode } from "../../src/node/code-parser.ts";
import { describe, expect, test } from "vitest";
import { createFixer } from "../../src/fix/fixer.ts";
import { payloadHash } from "../../src/guard/approval.ts";
import { createRedaction } from "../../src/guard/redact.ts";
import type { IncidentEvent, LoggedEvent } from "../../src/incident/event.ts";
import type { PatchDraft } from "../../src/incident/fix.ts";
import type { ModelFinding, Suspect } from "../../src/incident/finding.ts";
import { type Effects, Outbox, outboxMigrations } from "../../src/durable/outbox.ts";
import { openNodeSqlite } from "../../src/durable/node-sqlite.ts";
import { migrate } from "../../src/durable/sql.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";
import { viewOf } from "../../src/incident/view.ts";
import { createGithubClient } from "../../src/integrations/github/client.ts";
import type { Fixer } from "../../src/fix/fix-parts.ts";
import { githubForTests } from "../support/github/client.ts";
import { TOKEN, type TestRepository } from "../support/github/github.ts";
import { fix as fixEdit, proposed } from "./patch-proposals.ts";

const signal = AbortSignal.timeout(120_000);
const { github, client } = await githubForTests();
let count = 0;

/** The real outbox on a database in memory. Given the same one, a second run is a restart. */
function outbox() {
  const { sql } = openNodeSqlite(":memory:");
  migrate(sql, [outboxMigrations]);
  return (): Effects => {
    const box = new Outbox(sql, "PGR0VU2", { now: () => 0, sleep: async () => undefined });
    return {
      deliver: (key, kind, payload, calls) => box.deliver(key, kind, payload, calls, signal),
      wasMeant: (key) => box.wasMeant(key),
    };
  };
}

async function incident(files: { before?: Record<string, string>; after?: Record<string, string> } = {}) {
  const repository = await github.createRepository(`fixer-${++count}`);
  const previousSha = await repository.commit(files.before ?? { "pay/a.ts": "good\n", "lib/b.ts": "good\n" });
  const sha = await repository.commit(files.after ?? { "pay/a.ts": "bad\n" }, { message: "Break it" });
  return { repository, sha, previousSha };
}

function suspectOf(repository: TestRepository, sha: string, previousSha: string | null, kind: ChangeEvent["kind"] = "deploy"): Suspect {
  const change: ChangeEvent = {
    kind,
    at: 0,
    service: "pay",
    title: "Break it",
    sha,
    previousSha,
    version: null,
    repository: repository.name,
    author: null,
    pullRequest: null,
    files: null,
    link: null,
    evidence: 4,
  };
  return { service: "pay", instance: null, fault: "code", change, probability: 0.9, onset: 0, reasons: [] };
}

const log: readonly LoggedEvent[] = [
  {
    seq: 1,
    at: 0,
    event: {
      type: "page-received",
      page: {
        pager: "pagerduty",
        id: "PGR0VU2",
        number: 4821,
        title: "pay: error rate",
        details: "",
        status: "triggered",
        urgency: "high",
        priority: null,
        createdAt: 0,
        service: null,
        assignees: [],
        link: "https://acme.pagerduty.com/incidents/PGR0VU2",
      },
    },
  },
];

const fixer = (over: Partial<Parameters<typeof createFixer>[0]> = {}): Fixer =>
  createFixer({
    parseCode,
    github: client,
    placeOf: () => ({ repository: null, path: "pay", owners: [] }),
    repositoryOf: (named) => named,
    timelineUrl: (id) => `http://127.0.0.1:3000/incidents/${id}`,
    ...over,
  });

/** What the step does: what was meant before is finished, else the revert is made. */
const run = async (
  suspect: Suspect,
  effects: Effects,
  over: Partial<Parameters<typeof createFixer>[0]> = {},
  { approved = null, doubt = null }: { readonly approved?: string | null; readonly doubt?: string | null } = {},
): Promise<Awaited<ReturnType<Fixer["revert"]>>> => {
  const about = { incidentId: "PGR0VU2", view: viewOf(log), title: "pay: error rate" };
  const begun = await fixer(over).resume(effects, signal);
  return begun ?? fixer(over).revert({ ...about, suspect, approved, doubt }, effects, signal);
};

test("the guilty deploy of an incident becomes a draft revert that names the incident", async () => {
  const { repository, sha, previousSha } = await incident();
  const fix = await run(suspectOf(repository, sha, previousSha), outbox()());
  expect(fix).toMatchObject({
    type: "fix-proposed",
    draft: true,
    title: `Revert pay ${sha.slice(0, 7)}: Break it (PagerDuty no. 4821)`,
    body: expect.stringContaining("[Timeline](http://127.0.0.1:3000/incidents/PGR0VU2)"),
    files: [{ path: "pay/a.ts", before: "bad\n", after: "good\n" }],
  });
  expect((await repository.pulls()).map(({ body }) => body)).toEqual([fix.type === "fix-proposed" ? fix.body : ""]);
});

test("neither the pull request nor what the outbox keeps of it has the addresses that commits and conflicts hold; its files are as they were", async () => {
  const repository = await github.createRepository(`fixer-${++count}`);
  const previousSha = await repository.commit({ "pay/a.ts": "good // bo@acme.example\n", "pay/b.ts": "to(1)\n" });
  const sha = await repository.commit({ "pay/a.ts": "bad\n", "pay/b.ts": "to(2)\n" }, { message: "Break it for mei@acme.example" });
  await repository.commit({ "pay/b.ts": "to('jon@acme.example')\n" }, { message: "As ana@acme.example asked" });
  const { text } = createRedaction({ own: [], labelSecret: "of this test alone" }).forIncident("PGR0VU2");
  const kept: string[] = [];
  const effects = outbox()();
  const keeping: Effects = {
    ...effects,
    deliver: (key, kind, payload, calls) => (kept.push(JSON.stringify(payload)), effects.deliver(key, kind, payload, calls)),
  };
  const revert = (approved: string | null) =>
    run(suspectOf(repository, sha, previousSha), keeping, { redactedFor: () => text }, { approved });
  const offer = await revert(null);
  // Part of a change is put back only after a person's yes.
  expect(offer).toMatchObject({ type: "fix-offer" });
  const opened = await revert(offer.type === "fix-offer" ? await payloadHash(offer.payload) : null);
  expect(opened).toMatchObject({ type: "fix-proposed", files: [{ path: "pay/a.ts", after: "good // bo@acme.example\n" }] });
  const [pull] = await repository.pulls();
  const told = [pull?.title, pull?.body, kept.join("")].join(" ");
  for (const address of ["mei@acme.example", "jon@acme.example", "ana@acme.example"]) expect(told).not.toContain(address);
  expect(kept.join("")).toContain(`Break it for ${text("mei@acme.example")}`);
  expect(kept.join("")).toContain(`(As ${text("ana@acme.example")} asked)`);
  expect(kept.join("")).toContain(`to('${text("jon@acme.example")}')`);
  expect(kept.join("")).toContain("bo@acme.example");
});

test("only the service's folder is put back", async () => {
  const { repository, sha, previousSha } = await incident({ after: { "pay/a.ts": "bad\n", "lib/b.ts": "bad\n" } });
  const fix = await run(suspectOf(repository, sha, previousSha), outbox()());
  expect(fix).toMatchObject({
    files: [{ path: "pay/a.ts" }],
    title: expect.not.stringContaining("part of"),
    body: expect.stringContaining("outside the service's folder, so not reverted: `lib/b.ts`"),
  });
});

test("a step that runs again after the draft was opened finds it, even when people have merged it meanwhile", async () => {
  const { repository, sha, previousSha } = await incident();
  const effects = outbox();
  github.fault = ({ method, path }) => (method === "POST" && path.endsWith("/pulls") ? "lost" : null);
  await expect(run(suspectOf(repository, sha, previousSha), effects())).rejects.toThrow(/could not be reached, or its answer broke off/);
  github.fault = null;
  await repository.commit({ "pay/a.ts": "good\n" }, { message: "Merge the revert" });
  const fix = await run(suspectOf(repository, sha, previousSha), effects());
  expect(fix).toMatchObject({ type: "fix-proposed", number: 1, files: [{ path: "pay/a.ts", before: "bad\n", after: "good\n" }] });
  expect(await repository.pulls()).toHaveLength(1);
});

test("cut off at any call of the whole step and run again there is one draft", async () => {
  const whole = await incident();
  const before = github.seen.length;
  await run(suspectOf(whole.repository, whole.sha, whole.previousSha), outbox()());
  const calls = github.seen.length - before;
  for (let cut = 0; cut < calls; cut++) {
    const { repository, sha, previousSha } = await incident();
    const effects = outbox();
    const start = github.seen.length;
    const main = await repository.head("main");
    github.fault = (_call, index) => (index >= start + cut ? (index === start + cut ? "lost" : "unreached") : null);
    // Owners and labels are good to have: without them the draft is opened all the same.
    const cutOff = await run(suspectOf(repository, sha, previousSha), effects()).catch((error: unknown) => String(error));
    expect(typeof cutOff === "string" ? cutOff : cutOff.type).toMatch(/could not be reached, or its answer broke off|^fix-proposed$/);
    github.fault = null;
    const fix = await run(suspectOf(repository, sha, previousSha), effects());
    expect(fix).toMatchObject({ type: "fix-proposed", draft: true, number: 1 });
    expect((await repository.branches()).length).toBe(2);
    expect(await repository.head("main")).toBe(main);
    expect(await repository.pulls()).toHaveLength(1);
  }
});

describe("no fix, in words for people,", () => {
  test("where GitHub is not configured", async () => {
    const { repository, sha, previousSha } = await incident();
    const fix = await run(suspectOf(repository, sha, previousSha), outbox()(), { github: null });
    expect(fix).toEqual({ type: "fix-declined", because: expect.stringMatching(/^GitHub is not configured \(GITHUB_TOKEN/) });
  });

  test.each([
    ["rollback", /was itself a rollback/],
    ["commit", /did not reach production by a deploy/],
    ["other", /did not reach production by a deploy/],
  ] as const)("for a change of kind %s", async (kind, words) => {
    const { repository, sha, previousSha } = await incident();
    const fix = await run(suspectOf(repository, sha, previousSha, kind), outbox()());
    expect(fix).toEqual({ type: "fix-declined", because: expect.stringMatching(words) });
  });

  test("where nothing can be put back", async () => {
    const { repository, sha, previousSha } = await incident();
    await repository.commit({ "pay/a.ts": "mended\n" });
    const fix = await run(suspectOf(repository, sha, previousSha), outbox()());
    expect(fix).toEqual({
      type: "fix-declined",
      because: expect.stringMatching(/^No file of [0-9a-f]{7} under pay can be put back: pay\/a\.ts/),
    });
  });

  test("where the credential may not write, with what to grant", async () => {
    const { repository, sha, previousSha } = await incident();
    github.fault = ({ method }) => (method === "POST" ? { status: 403, body: { message: "Resource not accessible" } } : null);
    const fix = await run(suspectOf(repository, sha, previousSha), outbox()());
    expect(fix).toEqual({
      type: "fix-declined",
      because: `github: 403 for a new tree of ${repository.name}. Give the token or app "contents: write" on ${repository.name}.`,
    });
  });

  test("for a repository that the catalog does not name, whatever the change says", async () => {
    const { repository, sha, previousSha } = await incident();
    const before = github.seen.length;
    const unknown = await run(suspectOf(repository, sha, previousSha), outbox()(), { repositoryOf: () => null });
    expect(unknown).toEqual({
      type: "fix-declined",
      because: "The repository of pay is not in the catalog, so no draft PR was opened there.",
    });
    expect(github.seen.length).toBe(before);
  });

  test("for a repository that the GitHub client does not know as the catalog's", async () => {
    const { repository, sha, previousSha } = await incident();
    const narrow = createGithubClient({ baseUrl: github.url, auth: { token: TOKEN }, fetch, repositories: ["acme/other"] });
    const asked = github.seen.length;
    const fix = await run(suspectOf(repository, sha, previousSha), outbox()(), { github: narrow });
    expect(fix).toEqual({ type: "fix-declined", because: expect.stringContaining("is not in the catalog") });
    expect(github.seen.length).toBe(asked);
  });
});

test("what was meant before a restart is looked at for this process's credentials as well", async () => {
  const repository = await github.createRepository(`fixer-${++count}`);
  const previousSha = await repository.commit({ "pay/a.ts": "good\n" });
  const sha = await repository.commit({ "pay/a.ts": "bad\n" }, { message: "Break canary-value-of-midwatch" });
  const suspect = suspectOf(repository, sha, previousSha);
  const restart = outbox();
  github.fault = ({ method }) => (method === "GET" ? null : { status: 502 });
  await expect(run(suspect, restart())).rejects.toThrow(/502/);
  github.fault = null;
  expect(await run(suspect, restart(), { own: ["canary-value-of-midwatch"] })).toEqual({
    type: "fix-declined",
    because: expect.stringContaining("Nothing was sent to GitHub. The title holds one of midwatch's own credentials."),
  });
});

test("an outage is no reason to decline: the step fails and is tried again", async () => {
  const { repository, sha, previousSha } = await incident();
  github.fault = () => ({ status: 502 });
  await expect(run(suspectOf(repository, sha, previousSha), outbox()())).rejects.toThrow(/502/);
});

test("a revert that came to other files since it was released is offered anew", async () => {
  const lines = (first: string, last: string) =>
    `${[first, ...Array.from({ length: 20 }, (_, index) => `line ${index}`), last].join("\n")}\n`;
  const { repository, sha, previousSha } = await incident({
    before: { "pay/a.ts": lines("good", "end") },
    after: { "pay/a.ts": lines("bad", "end") },
  });
  const suspect = suspectOf(repository, sha, previousSha);
  const doubt = "the cause is only possible";
  const offer = await run(suspect, outbox()(), {}, { doubt });
  if (offer.type !== "fix-offer") throw new Error("nothing was offered");
  const approved = await payloadHash(offer.payload);
  await repository.commit({ "pay/a.ts": lines("bad", "end, by a person") });
  const again = await run(suspect, outbox()(), {}, { doubt, approved });
  if (again.type !== "fix-offer") throw new Error("what was not shown was opened");
  expect(again.payload).not.toEqual(offer.payload);
  expect(await repository.pulls()).toEqual([]);
  const released = await payloadHash(again.payload);
  expect(await run(suspect, outbox()(), {}, { doubt, approved: released })).toMatchObject({
    type: "fix-proposed",
    files: [{ path: "pay/a.ts", after: lines("good", "end, by a person") }],
  });
});

describe("a revert that a person should look at first waits, with all that speaks against it in one sentence,", () => {
  test("where it puts a secret back", async () => {
    const token = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_");
    const { repository, sha, previousSha } = await incident({
      before: { "pay/a.ts": `const key = "${token}";\n` },
      after: { "pay/a.ts": "const key = env.KEY;\n" },
    });
    const suspect = suspectOf(repository, sha, previousSha);
    const offer = await run(suspect, outbox()());
    expect(offer).toMatchObject({
      type: "fix-offer",
      kind: "revert",
      because: expect.stringContaining("would put back what looks like a secret or personal data in pay/a.ts"),
      summary: expect.stringMatching(/^revert of [0-9a-f]{7} in \S+\/fixer-\d+: pay\/a\.ts$/),
    });
    if (offer.type !== "fix-offer") throw new Error("nothing was offered");
    expect(JSON.stringify(offer.payload)).not.toContain(token);
    // Of another content, or of another incident, it is not the same.
    expect(await run(suspect, outbox()(), {}, { approved: await payloadHash({ ...offer.payload, incident: "other" }) })).toEqual(offer);
    // Another commit that leaves its files alone changes nothing of it; one that changes what the revert comes to does.
    await repository.commit({ "lib/z.ts": "new\n" });
    const approved = await payloadHash(offer.payload);
    expect(await run(suspect, outbox()(), {}, { approved })).toMatchObject({ type: "fix-proposed" });
  });

  test("where it puts a credential of midwatch's own back", async () => {
    const { repository, sha, previousSha } = await incident({ before: { "pay/a.ts": "canary-value\n" }, after: { "pay/a.ts": "none\n" } });
    expect(await run(suspectOf(repository, sha, previousSha), outbox()(), { own: ["canary-value"] })).toMatchObject({
      type: "fix-offer",
      because: expect.stringContaining("would put back what looks like a secret"),
    });
  });

  test.each([
    "Sanitize redirect targets",
    "Stop path traversal",
    "Close an auth bypass",
    "Check privileges first",
    "No SSRF by image URLs",
  ])("where its change mended something unsafe: %s", async (message) => {
    const repository = await github.createRepository(`fixer-${++count}`);
    const previousSha = await repository.commit({ "pay/a.ts": "good\n" });
    const sha = await repository.commit({ "pay/a.ts": "bad\n" }, { message });
    expect(await run(suspectOf(repository, sha, previousSha), outbox()())).toMatchObject({
      type: "fix-offer",
      because: expect.stringContaining(`looks like a security fix (${message})`),
    });
  });

  test("where it brought more commits than are looked through", async () => {
    const repository = await github.createRepository(`fixer-${++count}`);
    const previousSha = await repository.commit({ "pay/a.ts": "good\n" });
    await repository.commit({ "pay/b.ts": "0\n" }, { message: "Sanitize names" });
    for (let made = 1; made < 21; made++) await repository.commit({ "pay/b.ts": `${made}\n` });
    const sha = await repository.commit({ "pay/a.ts": "bad\n" });
    expect(await run(suspectOf(repository, sha, previousSha), outbox()())).toMatchObject({
      type: "fix-offer",
      because: expect.stringMatching(/brought 2 more commits, which midwatch did not check for security fixes/),
    });
  });

  test("where a text of it is too long to be looked through", async () => {
    const long = "x = 1\n".repeat(100_000);
    const { repository, sha, previousSha } = await incident({
      before: { "pay/a.ts": `${long}good\n` },
      after: { "pay/a.ts": `${long}bad\n` },
    });
    expect(await run(suspectOf(repository, sha, previousSha), outbox()())).toMatchObject({
      type: "fix-offer",
      because: expect.stringContaining("pay/a.ts is too long to be looked through"),
    });
  });

  test("where the change was a security fix, and the cause is not sure either", async () => {
    const repository = await github.createRepository(`fixer-${++count}`);
    const previousSha = await repository.commit({ "pay/a.ts": "good\n" });
    const sha = await repository.commit({ "pay/a.ts": "bad\n" }, { message: "Escape names (CVE-2026-1234)" });
    const fix = await run(suspectOf(repository, sha, previousSha), outbox()(), {}, { doubt: "the cause is only possible" });
    expect(fix).toMatchObject({
      type: "fix-offer",
      because: expect.stringMatching(
        /^the cause is only possible; [0-9a-f]{7} looks like a security fix \(Escape names \(CVE-2026-1234\)\)/,
      ),
    });
  });
});

describe("a resolved incident leaves a note in a pull request that is open", () => {
  const note = "The incident was resolved before this was merged. It remains for people";
  const closed: IncidentEvent = { type: "fix-changed-by-people", what: "closed", by: "ana", when: 0 };
  const opened = async () => {
    const { repository, sha, previousSha } = await incident();
    const effects = outbox();
    const revert = await run(suspectOf(repository, sha, previousSha), effects());
    if (revert.type !== "fix-proposed" || log[0]?.event.type !== "page-received") throw new Error("no revert was opened");
    const resolved: IncidentEvent = {
      ...{ type: "pager-event-received", eventType: "incident.resolved", occurredAt: 0, by: null, text: "resolved" },
      page: { ...log[0].event.page, status: "resolved" },
    };
    const told = async (...events: readonly IncidentEvent[]) => {
      const whole = [...log, ...[revert, ...events].map((event, index) => ({ seq: index + 2, at: 0, event }))];
      return fixer().tell({ incidentId: "PGR0VU2", view: viewOf(whole), title: "pay: error rate", log: whole }, effects(), signal);
    };
    return { repository, revert, resolved, told };
  };

  test("and none in one that people closed", async () => {
    const { revert, resolved, told } = await opened();
    const open = (await told(resolved)).body;
    expect(open).toContain(note);
    const said: IncidentEvent = { type: "fix-told", title: revert.title, body: open, seen: 2 };
    expect((await told(said, resolved, closed)).body).not.toContain(note);
  });

  test("and a run that was cut off behind it is not taken for a person, though by the next run there is something else to say", async () => {
    const { repository, resolved, told } = await opened();
    await told(resolved);
    // The log has nothing of it.
    const after = await told(resolved, closed);
    expect(after).not.toHaveProperty("byPeople");
    expect(after.body).not.toContain(note);
    expect((await repository.pulls()).map(({ body }) => body)).toEqual([after.body]);
  });

  test("and what a person writes meanwhile stays", async () => {
    const { repository, revert, resolved, told } = await opened();
    const { body } = await told(resolved);
    const theirs = `Merge this first.\n\n${body}`;
    await repository.api("PATCH", `/repos/${repository.name}/pulls/${revert.number}`, { body: theirs });
    const after = await told(resolved, closed);
    expect(after).toMatchObject({ byPeople: true, body: expect.stringMatching(/^Merge this first\.\n/) });
  });
});

describe("a patch that is to take the place of an open revert", () => {
  const opened = async () => {
    const { repository, sha, previousSha } = await incident();
    const effects = outbox()();
    const revert = await run(suspectOf(repository, sha, previousSha), effects);
    if (revert.type !== "fix-proposed") throw new Error("no revert was opened");
    const tree = (await client.git.readCommit({ repository: repository.name, sha }, signal))?.tree ?? "";
    const draft: PatchDraft = {
      ...{ repository: repository.name, base: { branch: "main", sha, tree }, service: "pay", title: "Mend pay" },
      ...{ cause: "It was broken.", change: "It is mended.", notChanged: "", risk: "None.", rollBack: "Revert it.", notChecked: "" },
      ...{ test: null, noTestBecause: "a value", lines: 2, evidence: [] },
      files: [{ path: "pay/a.ts", role: "fix", mode: "100644", before: "bad\n", after: "mended\n" }],
    };
    const view = viewOf([...log, { seq: 2, at: 0, event: revert }]);
    const patch = () => fixer().patch({ incidentId: "PGR0VU2", view, title: "pay: error rate", draft }, effects, signal);
    return { repository, revert, patch };
  };

  test("and that GitHub refuses leaves it as it is: said so, for a draft is open", async () => {
    const { repository, revert, patch } = await opened();
    github.fault = ({ method }) => (method === "POST" ? { status: 403, body: { message: "Resource not accessible" } } : null);
    expect(await patch()).toEqual({
      type: "fix-declined",
      because: expect.stringMatching(/^The patch could not be put on its branch\. github: 403 /),
      stays: revert.number,
    });
    expect(await repository.pulls()).toMatchObject([{ number: revert.number, state: "open", title: revert.title, body: revert.body }]);
    expect((await repository.tree(revert.branch))["pay/a.ts"]).toBe("100644 good\n");
  });

  test("and stands on its branch is the patch, though its words could not be written yet", async () => {
    const { repository, revert, patch } = await opened();
    github.fault = ({ method, path }) => (method === "PATCH" && path.includes("/pulls/") ? { status: 403 } : null);
    expect(await patch()).toMatchObject({ type: "fix-proposed", kind: "patch", number: revert.number, title: revert.title });
    expect((await repository.tree(revert.branch))["pay/a.ts"]).toBe("100644 mended\n");
  });
});

describe("a patch is prepared", () => {
  const files = { "pay/a.ts": "bad\n", "web/b.ts": "fine\n", ".github/workflows/ci.yml": "on: push\n" };
  const finding = (services: readonly string[]): ModelFinding => ({
    verdict: "incident",
    ...{ cause: "pay is broken", service: "pay", instance: null, fault: "code", change: null, confidence: 0.9, fix: "patch" },
    causal_path: services.map((service) => ({ service, what: "errors", evidence: [1] })),
    ...{ claims: [], ruled_out: [], impact: null, do_now: [], missing: [] },
  });
  const places: Readonly<Record<string, string>> = { pay: "pay", web: "web", shop: "" };
  const prepared = async (path: string, services: readonly string[], cited: readonly string[] = []) => {
    const repository = await github.createRepository(`fixer-${++count}`);
    await repository.commit(files);
    const placeOf = (service: string) => ({ repository: repository.name, path: places[service] ?? "", owners: [] });
    const place = { service: "pay", repository: repository.name, folder: "pay" };
    const about = { view: viewOf(log), finding: finding(services), place, attempt: 1, earlier: null, testSeen: false, cited };
    const proposal = proposed([fixEdit(path, "fine\n", "better\n")]);
    return createFixer({ github: client, parseCode, placeOf, repositoryOf: (named) => named, timelineUrl: () => null }).prepare(
      about,
      proposal,
      signal,
    );
  };

  test("for a service on the causal path too, in its own folder", async () => {
    expect(await prepared("web/b.ts", ["pay", "web"])).toMatchObject({ status: "drafted" });
    expect(await prepared("web/b.ts", ["pay"])).toMatchObject({ status: "refused" });
  });

  test("for a file that the finding cites, and for none beside it", async () => {
    expect(await prepared("web/b.ts", ["pay"], ["web/b.ts"])).toMatchObject({ status: "drafted" });
    expect(await prepared("web/b.ts", ["pay"], ["web/a.ts"])).toEqual({
      status: "refused",
      problems: ["web/b.ts: outside pay, where this patch may write, beside web/a.ts, which the finding cites."],
    });
  });

  test("but not for all of the repository, because a model names one on the path that has no folder of its own", async () => {
    expect(await prepared("web/b.ts", ["pay", "shop"])).toEqual({
      status: "refused",
      problems: ["web/b.ts: outside pay, where this patch may write."],
    });
  });
});

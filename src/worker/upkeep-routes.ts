import { type Context, Hono } from "hono";
import type { Access } from "../access/access.ts";
import { visitorName } from "../access/page-access.ts";
import { type AuditCheck, auditLine } from "../durable/audit.ts";
import type { Chain, Upkeep as WholeUpkeep } from "../durable/durable-object-store.ts";
import { html, incidentPath } from "../web/html.ts";
import { layout } from "../web/layout.ts";
import { problemPage } from "../web/problem-page.ts";

type Upkeep = Omit<WholeUpkeep, "report" | "totals">;

/** Chains in one answer: each costs a request to its object, of which a Worker may make 1,000. */
const CHAINS = 200;
/** As the directory's own chain is called beside those of incidents, whose ids begin with a pager. */
const DIRECTORY = "directory";

/** The chains that one answer is about, and where the next answer begins; null: this one is the last. */
async function chainsOf(c: Context, upkeep: Upkeep): Promise<{ readonly chains: readonly Chain[]; readonly next: string | null }> {
  const only = c.req.query("chain");
  if (only !== undefined) return { chains: [only === DIRECTORY ? null : only], next: null };
  const after = c.req.query("after") ?? "";
  const ids = await upkeep.chains(after, CHAINS);
  return { chains: after === "" ? [null, ...ids] : ids, next: ids.length < CHAINS ? null : (ids.at(-1) ?? null) };
}

async function* linesOf(upkeep: Upkeep, chains: readonly Chain[], since: number): AsyncGenerator<string, void, undefined> {
  for (const chain of chains)
    for (let after = 0; ;) {
      const entries = await upkeep.auditPage(chain, after);
      const last = entries.at(-1);
      if (last === undefined) break;
      after = last.seq;
      yield entries
        .filter(({ at }) => at >= since)
        .map((entry) => `${auditLine(entry, chain ?? DIRECTORY)}\n`)
        .join("");
    }
}

async function exported(c: Context, upkeep: Upkeep, by: string): Promise<Response> {
  const asked = c.req.query("since");
  const since = asked === undefined ? 0 : Date.parse(asked);
  if (Number.isNaN(since)) return c.json({ error: "since must be a time like 2026-01-31T09:00:00Z" }, 400);
  const { chains, next } = await chainsOf(c, upkeep);
  await upkeep.audit({ kind: "access", what: "the audit was exported", by });
  const lines = linesOf(upkeep, chains, since);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  const more = new URLSearchParams({ ...(asked === undefined ? {} : { since: asked }), after: next ?? "" });
  return c.body(body, 200, {
    "content-type": "application/jsonl; charset=utf-8",
    "content-disposition": 'attachment; filename="audit.jsonl"',
    ...(next === null ? {} : { link: `</audit.jsonl?${more.toString()}>; rel="next"` }),
  });
}

async function verified(c: Context, upkeep: Upkeep): Promise<Response> {
  const known = c.req.query("head") ?? null;
  if (known !== null && (!/^[0-9a-f]{64}$/.test(known) || c.req.query("chain") === undefined))
    return c.json({ error: "head must be a hash of 64 hexadecimal digits, beside the chain that it is of" }, 400);
  const { chains, next } = await chainsOf(c, upkeep);
  const checked: ({ readonly chain: string } & AuditCheck)[] = [];
  for (const chain of chains) checked.push({ chain: chain ?? DIRECTORY, ...(await upkeep.auditCheck(chain, known)) });
  return c.json({ ok: checked.every(({ broken }) => broken === null), chains: checked, next });
}

/**
 * What `audit export`, `audit verify` and `delete` are on Node, for admins: a Worker has no command line. Mounted behind the guard of the pages.
 * `GET /audit.jsonl`, `GET /audit/verify`, `GET` and `POST /incidents/:id/delete`.
 */
export function upkeepRoutes({
  upkeep,
  access,
  now,
}: {
  readonly upkeep: Upkeep;
  readonly access: Access;
  readonly now: () => number;
}): Hono {
  const routes = new Hono();
  const admin = access.requireRole("admin");
  // Nobody is an admin without a name, so it is never missing.
  const by = (c: Context) => visitorName(access, c) ?? "nobody";
  routes.get("/audit.jsonl", admin, (c) => exported(c, upkeep, by(c)));
  routes.get("/audit/verify", admin, (c) => verified(c, upkeep));
  routes.get("/incidents/:id/delete", admin, (c) => {
    const id = c.req.param("id");
    const account = access.accountOf(c);
    return c.html(
      layout({
        ...{ title: `Delete ${id}`, now: now(), account, className: "narrow" },
        main: html`<section class="card">
          <h1>Delete ${id}?</h1>
          <p>
            midwatch deletes its log, evidence and message texts. Its audit entries become tombstones, and one entry says that you deleted
            it. Slack, the pager and GitHub keep what midwatch wrote there.
          </p>
          <form method="post" action="${incidentPath(id)}/delete">
            <input type="hidden" name="csrf" value="${account?.csrf ?? ""}" />
            <button type="submit" class="button">Delete</button>
          </form>
          <p><a href="${incidentPath(id)}">Back to the incident</a></p>
        </section>`,
      }),
    );
  });
  routes.post("/incidents/:id/delete", admin, async (c) => {
    const id = c.req.param("id");
    const outcome = await upkeep.delete(id, by(c));
    const [title, text, status] =
      outcome === "wanted"
        ? ([`${id} is being deleted`, "It is gone within seconds. If midwatch works on it right now, that work ends.", 202] as const)
        : (["No such incident", `midwatch has no incident ${id.slice(0, 80)}.`, 404] as const);
    return c.html(problemPage({ title, text, now: now(), account: access.accountOf(c) }), status);
  });
  return routes;
}

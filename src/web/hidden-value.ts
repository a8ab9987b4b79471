import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Account } from "./account.ts";
import { type Html, html, incidentPath } from "./html.ts";
import { layout } from "./layout.ts";
import { problemPage } from "./problem-page.ts";

/** The way back from a pseudonym to what it stands for, for people with the right. */
export interface Revealing {
  /** Lets through who may see hidden values, and refuses all others. */
  readonly guard: MiddlewareHandler;
  /** Who asks, as the timeline shall name them; null: nobody who could be held to account. */
  readonly nameOf: (c: Context) => string | null;
  /** The value, once the look is on the timeline; null: none is kept under this pseudonym. @throws Error when it could not be recorded */
  readonly reveal: (about: { readonly incidentId: string; readonly pseudonym: string; readonly by: string }) => Promise<string | null>;
}

/** People copy it with and without its brackets. */
const pseudonymForm = /^<?([a-z][a-z0-9-]{0,39}:[a-z]{8})>?$/;

/** The form on an incident's page; null for people whom it would refuse. */
export function hiddenValueForm(id: string, account: Account | null): Html | null {
  if (account?.role !== "admin" || account.csrf === null) return null;
  return html`<form class="search" method="post" action="${incidentPath(id)}/reveal">
    <input type="hidden" name="csrf" value="${account.csrf}" />
    <label for="pseudonym">The value behind a pseudonym; the timeline will say that you looked</label>
    <span
      ><input id="pseudonym" name="pseudonym" required maxlength="60" autocomplete="off" placeholder="&lt;email:kvmtrzpd&gt;" />
      <button type="submit" class="button">Show</button></span
    >
  </form>`;
}

/** POST /incidents/:id/reveal. The value is in this one answer, which nothing keeps. */
export function hiddenValueRoute(
  { guard, nameOf, reveal }: Revealing,
  { now, accountOf }: { readonly now: () => number; readonly accountOf: (c: Context) => Account | null },
): Hono {
  return new Hono().post("/incidents/:id/reveal", guard, async (c) => {
    c.header("cache-control", "no-store");
    const incidentId = c.req.param("id");
    const account = accountOf(c);
    const back = { href: incidentPath(incidentId), label: "Back to the incident" };
    const problem = (title: string, text: string, status: 400 | 403 | 404) =>
      c.html(problemPage({ title, text, now: now(), back, account }), status);
    const by = nameOf(c);
    if (by === null) return problem("Not signed in", "Sign in first: each look at a hidden value is recorded with a name.", 403);
    const { pseudonym: asked } = await c.req.parseBody();
    const name = typeof asked === "string" ? pseudonymForm.exec(asked.trim())?.[1] : undefined;
    if (name === undefined) return problem("Not a pseudonym", "Write it as it is in the text, for example <email:kvmtrzpd>.", 400);
    const pseudonym = `<${name}>`;
    const value = await reveal({ incidentId, pseudonym, by });
    if (value === null) {
      return problem(
        "Nothing is kept",
        `No value is kept for ${pseudonym} in this incident: it is another incident's, or was hidden under another REDACTION_KEY or without one.`,
        404,
      );
    }
    return c.html(
      layout({
        title: "Hidden value",
        now: now(),
        account,
        className: "narrow",
        main: html`<section class="card">
          <h1>${pseudonym}</h1>
          <p><code>${value}</code></p>
          <p class="muted">That you looked is on the incident's timeline.</p>
          <p><a class="button" href="${back.href}">${back.label}</a></p>
        </section>`,
      }),
    );
  });
}

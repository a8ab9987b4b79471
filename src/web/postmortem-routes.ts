import { type Context, Hono } from "hono";
import { approvalsOf } from "../incident/approval.ts";
import { postmortemOf } from "../report/postmortem-worded.ts";
import { plain } from "../report/text.ts";
import { visibleText } from "../report/visible-text.ts";
import type { Account } from "./account.ts";
import { evidencePath, incidentPath } from "./html.ts";
import type { Incidents } from "./incidents.ts";
import { jsonText } from "./json-text.ts";
import { postmortemMarkdown } from "./postmortem-markdown.ts";
import { postmortemPage } from "./postmortem-page.ts";

export interface PostmortemSite {
  readonly incidents: Pick<Incidents, "log">;
  readonly now: () => number;
  account(c: Context): Account | null;
  /** Where people reach midwatch, without a slash at the end. */
  origin(c: Context): string;
  noIncident(c: Context, id: string): Response | Promise<Response>;
}

/** The draft of an incident's postmortem (a page, Markdown, JSON), and what exactly a request for a yes would do. */
export function postmortemRoutes({ incidents, now, account, origin, noIncident }: PostmortemSite): Hono {
  const routes = new Hono();
  routes.get("/incidents/:id/:file{postmortem(?:\\.md|\\.json)?}", async (c) => {
    const { id, file } = c.req.param();
    const log = await incidents.log(id);
    if (log === null) return noIncident(c, id);
    const draft = postmortemOf(log);
    if (file === "postmortem") return c.html(postmortemPage({ id, draft, now: now(), account: account(c) }));
    const from = origin(c);
    if (file === "postmortem.md")
      return c.body(postmortemMarkdown({ id, draft, origin: from, now: now() }), 200, { "content-type": "text/markdown; charset=utf-8" });
    return jsonText(c, {
      format: "midwatch-postmortem/1",
      isDraft: true,
      isOver: draft.isOver,
      title: plain(draft.title),
      madeAt: new Date(now()).toISOString(),
      sections: draft.sections.map(({ id: of, title, sentences, toFillIn }) => ({
        ...{ id: of, title, toFillIn },
        sentences: sentences.map(({ words, evidence, entries }) => ({
          text: plain(words),
          evidence: evidence.map((number) => `${from}${evidencePath(id, number)}`),
          timeline: entries.map((key) => `${from}${incidentPath(id)}#t-${key}`),
        })),
      })),
    });
  });
  routes.get("/incidents/:id/approvals/:request{a[0-9]{1,6}}", async (c) => {
    const { id, request: wanted } = c.req.param();
    const log = await incidents.log(id);
    const asked = log === null ? null : approvalsOf(log).approvals.find(({ request }) => request.id === wanted);
    if (asked == null) return noIncident(c, id);
    const { action, payload, hash } = asked.request;
    const { markdown, ...rest } = payload;
    const shown = [`${action}, SHA-256 ${hash}`, JSON.stringify(rest, null, 2), ...(typeof markdown === "string" ? [markdown] : [])];
    // Who says yes reads this: nothing in it may look like something else.
    return c.text(visibleText(shown.join("\n\n")));
  });
  return routes;
}

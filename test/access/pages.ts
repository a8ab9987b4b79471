import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { type Access, createAccess } from "../../src/access/access.ts";
import { createIncidentLinks } from "../../src/access/incident-link.ts";
import { createOidc } from "../../src/access/oidc.ts";
import { type AccessRules, parsePersonRule, type PersonRule } from "../../src/access/roles.ts";
import { createSealer } from "../../src/access/seal.ts";
import { createApp } from "../../src/app.ts";
import { intakes } from "../../src/intake/index.ts";
import { createWeb, type WebOptions } from "../../src/web/web.ts";
import { exampleLog, memoryIncidents } from "../support/example-log.ts";
import { startProvider } from "../support/sign-in-provider.ts";

export const CLIENT = { id: "midwatch", secret: "client-secret-canary" };
export const SECRET = "session-secret-of-more-than-32-characters";

const rule = (text: string): PersonRule => {
  const parsed = parsePersonRule(text);
  if (parsed === null) throw new Error(text);
  return parsed;
};
export const rulesOf = (rules: { viewer?: string; responder?: string; admin?: string; required?: string }): AccessRules => {
  const list = (text: string | undefined) => (text === undefined ? [] : text.split(",").map(rule));
  return {
    required: list(rules.required),
    roles: { viewer: list(rules.viewer), responder: list(rules.responder), admin: list(rules.admin) },
  };
};

type Client = Parameters<typeof startProvider>[0];

/** The pages behind the stand-in for a provider. */
export const openPages = (rules?: AccessRules, more?: (access: Access) => Partial<WebOptions>) =>
  openPagesBehind(startProvider, rules, more);

/**
 * The pages of two incidents behind a sign-in, and its provider, each on a port of its own. The clock stands still until it is moved.
 * @param more of the pages' options, in place of those two incidents or beside them
 */
export async function openPagesBehind<P extends AsyncDisposable & { readonly issuer: string }>(
  startItsProvider: (client: Client) => Promise<P>,
  rules: AccessRules = rulesOf({ viewer: "@acme.example", responder: "groups=sre", admin: "ana@acme.example" }),
  more: (access: Access) => Partial<WebOptions> = () => ({}),
) {
  let publicUrl = "";
  let ahead = 0;
  const settings = { rules, secrets: [SECRET] as readonly string[] };
  const now = () => Date.now() + ahead;
  const provider = await startItsProvider({ ...CLIENT, redirectUri: () => `${publicUrl}/sign-in/callback` });
  const reported: unknown[] = [];

  /** A process: what it knows it has from its settings and from nowhere else. */
  const start = () => {
    const access = createAccess({
      oidc: createOidc({
        issuer: provider.issuer,
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
        scopes: "openid email",
        redirectUri: `${publicUrl}/sign-in/callback`,
        fetch: (input, init) => fetch(input, init),
        now,
      }),
      sealer: createSealer(settings.secrets, now),
      rules: settings.rules,
      publicUrl,
      now,
      clientAddress: (c) => c.req.header("x-test-client") ?? "127.0.0.1",
      reportError: (error) => void reported.push(error),
    });
    const web = new Hono();
    // Routes beside the pages: one that needs more than to look, one that acts.
    web.get("/incidents/:id/masked", access.requireRole("admin"), (c) => c.text(`shown to ${access.visitorOf(c)?.name}`));
    web.post("/incidents/:id/act", access.requireRole("responder"), (c) => c.text("done"));
    const incidents = createWeb({
      incidents: memoryIncidents({ "pd-Q1": exampleLog(), "pd-Q2": exampleLog() }),
      now,
      publicUrl,
      accountOf: access.accountOf,
      streamUntil: access.streamUntil,
      heartbeatMs: 20,
      ...more(access),
    });
    web.route("/", incidents);
    return createApp({
      intakes,
      settings: { PAGERDUTY_WEBHOOK_SECRET: ["s"] },
      receive: async () => "stored",
      slack: null,
      web,
      access,
      pageHosts: null,
      health: () => [],
      reportError: (error) => void reported.push(error),
    });
  };

  let app: ReturnType<typeof start>;
  const listening = Promise.withResolvers<number>();
  const server = serve({ fetch: (request, env) => app.fetch(request, env), port: 0, hostname: "127.0.0.1" }, ({ port }) =>
    listening.resolve(port),
  );
  publicUrl = `http://127.0.0.1:${await listening.promise}`;
  app = start();
  return {
    url: publicUrl,
    provider,
    reported,
    link: (incident: string, minutes = 10) =>
      createIncidentLinks(createSealer(settings.secrets, now), publicUrl, minutes).url(incident, "U0ANA"),
    pass: (ms: number) => void (ahead += ms),
    /** A new process with these settings changed. */
    restart: (changed: Partial<typeof settings> = {}) => {
      Object.assign(settings, changed);
      app = start();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await provider[Symbol.asyncDispose]();
    },
  };
}

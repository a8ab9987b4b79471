import { type Context, Hono, type MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import type { Account } from "../web/account.ts";
import { pageHeaders } from "../web/headers.ts";
import { problemPage } from "../web/problem-page.ts";
import { LINK_PATH, openIncidentLink } from "./incident-link.ts";
import { type Oidc, SignInError } from "./oidc.ts";
import { createRateLimit } from "./rate-limit.ts";
import { HOME, returnPath } from "./return-path.ts";
import { type AccessRules, claimsThatCount, mayAct, type Role, roleOf, saysEnough } from "./roles.ts";
import { digest, randomToken, type Sealer } from "./seal.ts";
import { createSessions, IDLE_S, LINK_SESSION_S, lifeOf, type Session } from "./session.ts";

/** Who asks for a page, after the guard has let them through. */
export interface Visitor {
  /** The provider's id of the person, or `slack:U…` by a link. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** Who may see and do what on the pages. */
export interface Access {
  /** Sign-in, its way back, sign-out, links from Slack. */
  readonly routes: Hono;
  /** Stands before every page: lets through who may see it, and refuses or sends to the sign-in all others. */
  readonly guard: MiddlewareHandler;
  /** For routes that need more than to look. Comes after the guard. 403 in words for whoever has less. */
  requireRole(role: Role): MiddlewareHandler;
  /** Who asks; null where no sign-in is configured. */
  visitorOf(c: Context): Visitor | null;
  /** For the bar of a page; its `csrf` goes into every form, as the field of that name or the header `x-csrf-token`. */
  accountOf(c: Context): Account | null;
  /** Until when a stream that begins now may last, epoch milliseconds; null: for as long as it likes. */
  streamUntil(c: Context): number | null;
}

export interface AccessOptions {
  readonly oidc: Oidc;
  readonly sealer: Sealer;
  readonly rules: AccessRules;
  /** Where people reach the pages: cookies, forms and the provider's way back belong to this address alone. No slash at its end. */
  readonly publicUrl: string;
  readonly now: () => number;
  /** Whose request it is, for limits of how often; null: not known. */
  readonly clientAddress: (c: Context) => string | null;
  readonly reportError: (error: unknown, where: string) => void;
}

const SESSION_COOKIE = "__Host-midwatch";
/** Ties an attempt to sign in to the browser that began it. */
const BROWSER_COOKIE = "__Host-midwatch-sign-in";
const ATTEMPT_S = 10 * 60;
/** Of one address, there and back: an office behind one address signs in at the same moment when something breaks. */
const REQUESTS_PER_MINUTE = 60;
/** A stream is opened anew after this, so that a session which is over does not go on in it. */
const STREAM_MS = 10 * 60_000;

const attemptSchema = z.object({ id: z.string(), to: z.string(), browser: z.string() });

/** A browser that opens a page, as against a script, a stream or a program. */
const opensPage = (c: Context) =>
  (c.req.method === "GET" || c.req.method === "HEAD") && (c.req.header("accept") ?? "").toLowerCase().includes("text/html");
const readsOnly = (c: Context) => ["GET", "HEAD", "OPTIONS"].includes(c.req.method);

/** Whether a path is of this one incident: its page, exports, evidence, stream. */
function isOf(incident: string, path: string): boolean {
  const [, folder, name = ""] = path.split("/");
  const id = encodeURIComponent(incident);
  return folder === "incidents" && (name === id || name === `${id}.json` || name === `${id}.md`);
}

/** Texts are compared by their digests, so the time it takes tells nothing of them. */
const same = async (a: string, b: string): Promise<boolean> => (await digest(a)) === (await digest(b));

/** Pages behind a sign-in by OpenID Connect. Sessions live in sealed cookies, so that any process with the same settings knows them. */
export function createAccess(options: AccessOptions): Access {
  const { oidc, sealer, rules, publicUrl, now, reportError } = options;
  const own = new URL(publicUrl);
  const sessions = createSessions(sealer, now);
  const mayTry = createRateLimit(REQUESTS_PER_MINUTE, now);
  const nowS = () => Math.floor(now() / 1000);
  const seen = new WeakMap<Request, { readonly session: Session; readonly visitor: Visitor }>();
  const cookie = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

  const refuse = (
    c: Context,
    status: 400 | 401 | 403 | 429 | 502,
    title: string,
    text: string,
    back = { href: HOME, label: "All incidents" },
  ) =>
    opensPage(c) || c.req.path.startsWith("/sign-")
      ? c.html(problemPage({ title, text, now: now(), back }), status)
      : c.json({ error: text }, status);
  const tryAgain = (to: string) => ({ href: `/sign-in?to=${encodeURIComponent(to)}`, label: "Sign in again" });

  function visitorOf(session: Session): Visitor | null {
    if (session.kind === "link") return { id: `slack:${session.by}`, name: "by a link from Slack", role: "viewer" };
    // By the settings of now: who was taken out of them is out.
    const role = roleOf(session.claims, rules);
    return role === null ? null : { id: session.sub, name: session.name, role };
  }

  async function write(c: Context, session: Session): Promise<void> {
    setCookie(c, SESSION_COOKIE, await sessions.write(session), { ...cookie, maxAge: lifeOf(session, nowS()) });
  }

  const routes = new Hono();
  const noStore: MiddlewareHandler = async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  };
  for (const path of ["/sign-in", "/sign-in/callback", "/sign-out", "/signed-out", `${LINK_PATH}/*`])
    routes.use(path, pageHeaders, noStore);

  const limited: MiddlewareHandler = async (c, next) => {
    if (mayTry(options.clientAddress(c) ?? "unknown")) return next();
    c.header("retry-after", "60");
    return refuse(
      c,
      429,
      "Too many sign-ins",
      `More than ${REQUESTS_PER_MINUTE} requests of a sign-in came from your address within a minute. Wait a minute.`,
    );
  };

  /** Everything of an attempt follows from the browser's secret, so that several tabs may sign in at once. */
  const attemptOf = async (browser: string, id: string) => ({
    nonce: await digest(`nonce ${id} ${browser}`),
    verifier: await digest(`verifier ${id} ${browser}`),
  });

  routes.get("/sign-in", limited, async (c) => {
    const to = returnPath(c.req.query("to") ?? null);
    const session = await sessions.read(getCookie(c, SESSION_COOKIE));
    if (session?.kind === "person" && visitorOf(session) !== null) return c.redirect(to, 303);
    const known = getCookie(c, BROWSER_COOKIE);
    const browser = known !== undefined && /^[\w-]{43}$/.test(known) ? known : randomToken();
    const id = randomToken();
    const state = await sealer.seal("sign-in", { id, to, browser: await digest(browser) }, ATTEMPT_S);
    try {
      const url = await oidc.authorizationUrl({ state, ...(await attemptOf(browser, id)) });
      setCookie(c, BROWSER_COOKIE, browser, { ...cookie, maxAge: ATTEMPT_S });
      return c.redirect(url.href, 302);
    } catch (error) {
      return failed(c, error, to);
    }
  });

  routes.get("/sign-in/callback", limited, async (c) => {
    const state = c.req.query("state") ?? "";
    const browser = getCookie(c, BROWSER_COOKIE);
    const attempt = attemptSchema.safeParse(await sealer.open("sign-in", state)).data;
    if (attempt === undefined || browser === undefined || !(await same(attempt.browser, await digest(browser)))) {
      return refuse(
        c,
        400,
        "Not this browser's sign-in",
        "This way back belongs to no sign-in that this browser began within the last ten minutes. Begin anew.",
        tryAgain(HOME),
      );
    }
    const to = returnPath(attempt.to);
    try {
      const { search } = new URL(c.req.url);
      const claims = await oidc.claims(
        new URL(`/sign-in/callback${search}`, own),
        { state, ...(await attemptOf(browser, attempt.id)) },
        (told) => saysEnough(told, rules),
      );
      if (roleOf(claims, rules) === null) return stranger(c, claims);
      const { sub, email, name } = claims;
      await write(c, {
        kind: "person",
        sub: String(sub),
        name:
          [email, name, sub]
            .find((one) => typeof one === "string" && one !== "")
            ?.toString()
            .slice(0, 200) ?? "somebody",
        claims: claimsThatCount(claims, rules),
        since: nowS(),
        at: nowS(),
        csrf: randomToken(),
      });
      return c.redirect(to, 303);
    } catch (error) {
      return failed(c, error, to);
    }
  });

  function stranger(c: Context, claims: Readonly<Record<string, unknown>>): Response | Promise<Response> {
    const who = typeof claims["email"] === "string" ? claims["email"].slice(0, 320) : String(claims["sub"]).slice(0, 200);
    const unverified = typeof claims["email"] === "string" && claims["email_verified"] !== true && claims["email_verified"] !== "true";
    const text = `You are signed in at ${own.host} as ${who}, and the settings give you no role here.${
      unverified ? " The provider does not vouch for this address, so it counts for nothing." : ""
    } Ask whoever runs midwatch (ROLE_VIEWER, ROLE_RESPONDER, ROLE_ADMIN).`;
    return refuse(c, 403, "No role here", text, tryAgain(HOME));
  }

  function failed(c: Context, error: unknown, to: string): Response | Promise<Response> {
    if (!(error instanceof SignInError)) throw error;
    if (error.isFault) reportError(error, "sign-in");
    return refuse(c, error.isFault ? 502 : 403, "Not signed in", error.message, tryAgain(to));
  }

  /** Whether a form was sent by a page of ours, as the browser tells it. */
  function isFromOurPages(c: Context): boolean {
    const site = c.req.header("sec-fetch-site");
    return c.req.header("origin") === own.origin && (site === undefined || site === "same-origin");
  }

  /** The site that a form came from, and the session's own token in it. */
  async function isOurForm(c: Context, session: Session | null): Promise<boolean> {
    if (session?.kind !== "person" || !isFromOurPages(c)) return false;
    const type = c.req.header("content-type") ?? "";
    const isForm = type.startsWith("application/x-www-form-urlencoded") || type.startsWith("multipart/form-data");
    const token = c.req.header("x-csrf-token") ?? (isForm ? (await c.req.parseBody())["csrf"] : undefined);
    return typeof token === "string" && same(token, session.csrf);
  }
  const notOurForm = (c: Context) =>
    refuse(c, 403, "Not from these pages", "This was not sent by a form of these pages, or by one that is too old. Load the page again.");

  routes.post("/sign-out", async (c) => {
    const session = await sessions.read(getCookie(c, SESSION_COOKIE));
    // No session says nothing of the browser's: SameSite keeps its cookie from another site's form, and an answer could still delete it.
    if (!(session?.kind === "person" ? await isOurForm(c, session) : isFromOurPages(c))) return notOurForm(c);
    deleteCookie(c, SESSION_COOKIE, cookie);
    deleteCookie(c, BROWSER_COOKIE, cookie);
    return c.redirect("/signed-out", 303);
  });
  routes.get("/signed-out", (c) =>
    c.html(
      problemPage({
        title: "Signed out",
        text: "You are signed out of midwatch. Your sign-in at the provider goes on.",
        now: now(),
        back: { href: "/sign-in", label: "Sign in" },
      }),
    ),
  );

  routes.get(`${LINK_PATH}/:token`, limited, async (c) => {
    const link = await openIncidentLink(sealer, c.req.param("token"));
    if (link === null)
      return refuse(
        c,
        403,
        "This link is over",
        "Links from Slack work for some minutes. Ask /midwatch for a new one, or sign in.",
        tryAgain(HOME),
      );
    const session = await sessions.read(getCookie(c, SESSION_COOKIE));
    // Who is signed in sees more than the link would show.
    if (session?.kind !== "person" || visitorOf(session) === null)
      await write(c, { kind: "link", incident: link.incident, by: link.by, until: nowS() + LINK_SESSION_S });
    return c.redirect(`/incidents/${encodeURIComponent(link.incident)}`, 303);
  });

  const guard: MiddlewareHandler = async (c, next) => {
    const session = await sessions.read(getCookie(c, SESSION_COOKIE));
    const visitor = session === null ? null : visitorOf(session);
    const isLinked = session?.kind === "link" && isOf(session.incident, new URL(c.req.url).pathname);
    if (session === null || visitor === null || (session.kind === "link" && !isLinked)) {
      c.header("cache-control", "no-store");
      if (!opensPage(c)) return c.json({ error: "sign in first" }, 401);
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(`${publicUrl}/sign-in?to=${encodeURIComponent(returnPath(pathname + search))}`, 302);
    }
    if (!readsOnly(c) && !(await isOurForm(c, session))) return notOurForm(c);
    seen.set(c.req.raw, { session, visitor });
    const renewed = sessions.renewed(session);
    if (renewed !== null) await write(c, renewed);
    await next();
    // Behind a sign-in nothing stays in a cache: not a shared one's, and not the browser's after the sign-out.
    c.header("cache-control", "private, no-store");
    return undefined;
  };

  return {
    routes,
    guard,
    requireRole: (role) => async (c, next) => {
      const visitor = seen.get(c.req.raw)?.visitor;
      if (visitor === undefined) return refuse(c, 401, "Not signed in", "Sign in first.", tryAgain(HOME));
      if (mayAct(visitor.role, role)) return next();
      return refuse(
        c,
        403,
        `For ${role}s only`,
        `This needs the role ${role}; you have ${visitor.role}. Ask whoever runs midwatch (ROLE_${role.toUpperCase()}).`,
      );
    },
    visitorOf: (c) => seen.get(c.req.raw)?.visitor ?? null,
    accountOf(c) {
      const known = seen.get(c.req.raw);
      if (known === undefined) return null;
      const { session, visitor } = known;
      return { name: visitor.name, role: visitor.role, csrf: session.kind === "person" ? session.csrf : null };
    },
    streamUntil(c) {
      const session = seen.get(c.req.raw)?.session;
      if (session === undefined) return null;
      return now() + Math.min(STREAM_MS, lifeOf(session, nowS()) * 1000, IDLE_S * 1000);
    },
  };
}

/**
 * Pages without a sign-in, for this machine alone or behind a proxy that has one. Everybody who reaches them may look. Nobody may do more: there
 * is nobody to hold to account.
 */
export function createOpenAccess(): Access {
  const refused = (c: Context, text: string) => c.json({ error: text }, 403);
  return {
    routes: new Hono(),
    guard: async (c, next) => (readsOnly(c) ? next() : refused(c, "without a sign-in these pages are for looking only")),
    requireRole: (role) => async (c, next) =>
      role === "viewer" ? next() : refused(c, `this needs the role ${role}, and no sign-in is configured (OIDC_ISSUER)`),
    visitorOf: () => null,
    accountOf: () => null,
    streamUntil: () => null,
  };
}

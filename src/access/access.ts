import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Account } from "../web/account.ts";
import { Door, opensPage, signInAgain, type Visitor } from "./door.ts";
import { HOME, returnPath } from "./return-path.ts";
import { mayAct, type Role } from "./roles.ts";
import { IDLE_S, lifeOf, type Session } from "./session.ts";
import { type SignInOptions, signInRoutes } from "./sign-in.ts";

/** Who may see and do what on the pages. */
export interface Access {
  /** Sign-in, its way back, sign-out, links from Slack. */
  readonly routes: Hono;
  /** Guards every page: lets through people who may see it, and refuses all others or sends them to the sign-in. */
  readonly guard: MiddlewareHandler;
  /** For routes that need more than to look. Comes after the guard. Answers 403, in words, to people with less. */
  requireRole(role: Role): MiddlewareHandler;
  /** Who asks; null where no sign-in is configured. */
  visitorOf(c: Context): Visitor | null;
  /** For the bar of a page; its `csrf` goes into every form, as the field of that name or the header `x-csrf-token`. */
  accountOf(c: Context): Account | null;
  /** Until when a stream that begins now may last, epoch milliseconds; null: for as long as it likes. */
  streamUntil(c: Context): number | null;
}

/** A stream is opened again after this, so that a session which is over does not go on in it. */
const STREAM_MS = 10 * 60_000;

const readsOnly = (c: Context) => ["GET", "HEAD", "OPTIONS"].includes(c.req.method);

/** Whether a path is of this one incident: its page, exports, evidence, stream. */
function isOf(incident: string, path: string): boolean {
  const [, folder, name = ""] = path.split("/");
  const id = encodeURIComponent(incident);
  return folder === "incidents" && (name === id || name === `${id}.json` || name === `${id}.md`);
}

/** Pages behind a sign-in by OpenID Connect. Sessions live in sealed cookies, so that any process with the same settings knows them. */
export function createAccess(options: SignInOptions): Access {
  const door = new Door(options);
  const seen = new WeakMap<Request, { readonly session: Session; readonly visitor: Visitor }>();

  const guard: MiddlewareHandler = async (c, next) => {
    const session = await door.session(c);
    const visitor = session === null ? null : door.visitorOf(session);
    const { pathname, search } = new URL(c.req.url);
    const isElsewhere = session?.kind === "link" && !isOf(session.incident, pathname);
    if (session === null || visitor === null || isElsewhere) {
      c.header("cache-control", "no-store");
      if (!opensPage(c)) return c.json({ error: "sign in first" }, 401);
      return c.redirect(`${options.publicUrl}/sign-in?to=${encodeURIComponent(returnPath(pathname + search))}`, 302);
    }
    if (!readsOnly(c) && !(await door.isOurForm(c, session))) return door.refuseForm(c);
    seen.set(c.req.raw, { session, visitor });
    await door.renew(c, session);
    await next();
    // Behind a sign-in nothing stays in a cache: not a shared one's, and not the browser's after the sign-out.
    c.header("cache-control", "private, no-store");
    return undefined;
  };

  return {
    routes: signInRoutes(door, options),
    guard,
    requireRole: (role) => async (c, next) => {
      const visitor = seen.get(c.req.raw)?.visitor;
      if (visitor === undefined) return door.refuse(c, 401, "Not signed in", "Sign in first.", signInAgain(HOME));
      if (mayAct(visitor.role, role)) return next();
      const text = `This needs the role ${role}; you have ${visitor.role}. Ask the people who run midwatch (ROLE_${role.toUpperCase()}).`;
      return door.refuse(c, 403, `For ${role}s only`, text);
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
      return options.now() + Math.min(STREAM_MS, lifeOf(session, door.nowS()) * 1000, IDLE_S * 1000);
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

import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { problemPage } from "../web/problem-page.ts";
import { HOME } from "./return-path.ts";
import { type AccessRules, type Role, roleOf } from "./roles.ts";
import { digest, type Sealer } from "./seal.ts";
import { createSessions, lifeOf, type Session } from "./session.ts";

/** Who asks for a page, after the guard has let them through. */
export interface Visitor {
  /** The provider's id of the person, or `slack:U…` by a link. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface DoorOptions {
  readonly sealer: Sealer;
  readonly rules: AccessRules;
  /** Where people reach the pages: cookies, forms and the provider's way back belong to this address alone. No slash at its end. */
  readonly publicUrl: string;
  readonly now: () => number;
}

const SESSION_COOKIE = "__Host-midwatch";
export const COOKIE = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

/** A browser that opens a page, as against a script, a stream or a program. */
export const opensPage = (c: Context): boolean =>
  (c.req.method === "GET" || c.req.method === "HEAD") && (c.req.header("accept") ?? "").toLowerCase().includes("text/html");

/** Texts are compared by their digests, so the time that it takes reveals nothing about them. */
export const same = async (a: string, b: string): Promise<boolean> => (await digest(a)) === (await digest(b));

export const signInAgain = (to: string) => ({ href: `/sign-in?to=${encodeURIComponent(to)}`, label: "Sign in again" });

/** Sessions in the browser's cookie, what they allow, and refusals in words: for all routes behind a sign-in. */
export class Door {
  readonly own: URL;
  readonly #options: DoorOptions;
  readonly #sessions: ReturnType<typeof createSessions>;

  constructor(options: DoorOptions) {
    this.own = new URL(options.publicUrl);
    this.#options = options;
    this.#sessions = createSessions(options.sealer, options.now);
  }

  nowS(): number {
    return Math.floor(this.#options.now() / 1000);
  }

  session(c: Context): Promise<Session | null> {
    return this.#sessions.read(getCookie(c, SESSION_COOKIE));
  }

  async write(c: Context, session: Session): Promise<void> {
    setCookie(c, SESSION_COOKIE, await this.#sessions.write(session), { ...COOKIE, maxAge: lifeOf(session, this.nowS()) });
  }

  /** Makes a session last longer where it is time to. */
  async renew(c: Context, session: Session): Promise<void> {
    const renewed = this.#sessions.renewed(session);
    if (renewed !== null) await this.write(c, renewed);
  }

  forget(c: Context): void {
    deleteCookie(c, SESSION_COOKIE, COOKIE);
  }

  /** By the settings of now: a person taken out of them has no access any more. */
  visitorOf(session: Session): Visitor | null {
    if (session.kind === "link") return { id: `slack:${session.by}`, name: "by a link from Slack", role: "viewer" };
    const role = roleOf(session.claims, this.#options.rules);
    return role === null ? null : { id: session.sub, name: session.name, role };
  }

  refuse(
    c: Context,
    status: 400 | 401 | 403 | 429 | 502,
    title: string,
    text: string,
    back = { href: HOME, label: "All incidents" },
  ): Response | Promise<Response> {
    return opensPage(c) || c.req.path.startsWith("/sign-")
      ? c.html(problemPage({ title, text, now: this.#options.now(), back }), status)
      : c.json({ error: text }, status);
  }

  /** Whether one of our pages sent the form, by the browser's word. */
  isFromOurPages(c: Context): boolean {
    const site = c.req.header("sec-fetch-site");
    return c.req.header("origin") === this.own.origin && (site === undefined || site === "same-origin");
  }

  /** The site that a form came from, and the session's own token in it. */
  async isOurForm(c: Context, session: Session | null): Promise<boolean> {
    if (session?.kind !== "person" || !this.isFromOurPages(c)) return false;
    const type = c.req.header("content-type") ?? "";
    const isForm = type.startsWith("application/x-www-form-urlencoded") || type.startsWith("multipart/form-data");
    const token = c.req.header("x-csrf-token") ?? (isForm ? (await c.req.parseBody())["csrf"] : undefined);
    return typeof token === "string" && same(token, session.csrf);
  }

  refuseForm(c: Context): Response | Promise<Response> {
    return this.refuse(c, 403, "Not from these pages", "This form did not come from these pages, or is too old. Load the page again.");
  }
}

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { z } from "zod";
import { pageHeaders } from "../web/headers.ts";
import { problemPage } from "../web/problem-page.ts";
import { COOKIE, type Door, type DoorOptions, same, signInAgain } from "./door.ts";
import { LINK_PATH, openIncidentLink } from "./incident-link.ts";
import { type Oidc, SignInError } from "./oidc.ts";
import { createRateLimit } from "./rate-limit.ts";
import { HOME, returnPath } from "./return-path.ts";
import { claimsThatCount, roleOf, saysEnough } from "./roles.ts";
import { digest, randomToken } from "./seal.ts";
import { LINK_SESSION_S } from "./session.ts";

export interface SignInOptions extends DoorOptions {
  readonly oidc: Oidc;
  /** Whose request it is, for limits of how often; null: not known. */
  readonly clientAddress: (c: Context) => string | null;
  readonly reportError: (error: unknown, where: string) => void;
}

type Claims = Readonly<Record<string, unknown>>;

/** Ties an attempt to sign in to the browser that began it. */
const BROWSER_COOKIE = "__Host-midwatch-sign-in";
const ATTEMPT_S = 10 * 60;
/** Of one address, there and back: an office behind one address signs in at the same moment when something breaks. */
const REQUESTS_PER_MINUTE = 60;

const attemptSchema = z.object({ id: z.string(), to: z.string(), browser: z.string() });

/** Everything of an attempt follows from the browser's secret, so that several tabs may sign in at once. */
const attemptOf = async (browser: string, id: string) => ({
  nonce: await digest(`nonce ${id} ${browser}`),
  verifier: await digest(`verifier ${id} ${browser}`),
});

const nameIn = ({ email, name, sub }: Claims): string =>
  [email, name, sub].find((one): one is string => typeof one === "string" && one !== "")?.slice(0, 200) ?? "somebody";

/** Sign-in by OpenID Connect, its way back, sign-out, and links from Slack. */
export function signInRoutes(door: Door, options: SignInOptions): Hono {
  const mayTry = createRateLimit(REQUESTS_PER_MINUTE, options.now);
  const limited: MiddlewareHandler = async (c, next) => {
    if (mayTry(options.clientAddress(c) ?? "unknown")) return next();
    c.header("retry-after", "60");
    const text = `More than ${REQUESTS_PER_MINUTE} sign-in requests came from your address within a minute. Wait a minute.`;
    return door.refuse(c, 429, "Too many sign-ins", text);
  };
  const noStore: MiddlewareHandler = async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  };
  const routes = new Hono();
  for (const path of ["/sign-in", "/sign-in/callback", "/sign-out", "/signed-out", `${LINK_PATH}/*`])
    routes.use(path, pageHeaders, noStore);
  routes.get("/sign-in", limited, (c) => begin(c, door, options));
  routes.get("/sign-in/callback", limited, (c) => comeBack(c, door, options));
  routes.post("/sign-out", (c) => signOut(c, door));
  routes.get("/signed-out", (c) => {
    const text = "You are signed out of midwatch. You are still signed in at the provider.";
    return c.html(problemPage({ title: "Signed out", text, now: options.now(), back: { href: "/sign-in", label: "Sign in" } }));
  });
  routes.get(`${LINK_PATH}/:token`, limited, (c) => followLink(c, c.req.param("token"), door, options));
  return routes;
}

async function begin(c: Context, door: Door, { oidc, sealer, reportError }: SignInOptions): Promise<Response> {
  const to = returnPath(c.req.query("to") ?? null);
  const session = await door.session(c);
  if (session?.kind === "person" && door.visitorOf(session) !== null) return c.redirect(to, 303);
  const known = getCookie(c, BROWSER_COOKIE);
  const browser = known !== undefined && /^[\w-]{43}$/.test(known) ? known : randomToken();
  const id = randomToken();
  const state = await sealer.seal("sign-in", { id, to, browser: await digest(browser) }, ATTEMPT_S);
  try {
    const url = await oidc.authorizationUrl({ state, ...(await attemptOf(browser, id)) });
    setCookie(c, BROWSER_COOKIE, browser, { ...COOKIE, maxAge: ATTEMPT_S });
    return c.redirect(url.href, 302);
  } catch (error) {
    return failed(c, door, { error, to, reportError });
  }
}

async function comeBack(c: Context, door: Door, { oidc, sealer, rules, reportError }: SignInOptions): Promise<Response> {
  const state = c.req.query("state") ?? "";
  const browser = getCookie(c, BROWSER_COOKIE);
  const attempt = attemptSchema.safeParse(await sealer.open("sign-in", state)).data;
  if (attempt === undefined || browser === undefined || !(await same(attempt.browser, await digest(browser)))) {
    const text = "This address belongs to no sign-in that this browser began within the last ten minutes. Sign in again.";
    return door.refuse(c, 400, "Not this browser's sign-in", text, signInAgain(HOME));
  }
  const to = returnPath(attempt.to);
  try {
    const { search } = new URL(c.req.url);
    const claims = await oidc.claims(
      new URL(`/sign-in/callback${search}`, door.own),
      { state, ...(await attemptOf(browser, attempt.id)) },
      (told) => saysEnough(told, rules),
    );
    if (roleOf(claims, rules) === null) return refuseStranger(c, door, claims);
    const [since, csrf] = [door.nowS(), randomToken()];
    const person = { sub: String(claims["sub"]), name: nameIn(claims), claims: claimsThatCount(claims, rules) };
    await door.write(c, { kind: "person", ...person, since, at: since, csrf });
    return c.redirect(to, 303);
  } catch (error) {
    return failed(c, door, { error, to, reportError });
  }
}

function refuseStranger(c: Context, door: Door, claims: Claims): Response | Promise<Response> {
  const { email, email_verified: verified, sub } = claims;
  const who = typeof email === "string" ? email.slice(0, 320) : String(sub).slice(0, 200);
  const unverified = typeof email === "string" && verified !== true && verified !== "true";
  const text = `You are signed in at ${door.own.host} as ${who}, and the settings give you no role here.${
    unverified ? " The provider has not verified this address, so midwatch does not use it." : ""
  } Ask the people who run midwatch (ROLE_VIEWER, ROLE_RESPONDER, ROLE_ADMIN).`;
  return door.refuse(c, 403, "No role here", text, signInAgain(HOME));
}

function failed(
  c: Context,
  door: Door,
  { error, to, reportError }: { readonly error: unknown; readonly to: string } & Pick<SignInOptions, "reportError">,
): Response | Promise<Response> {
  if (!(error instanceof SignInError)) throw error;
  if (error.isFault) reportError(error, "sign-in");
  return door.refuse(c, error.isFault ? 502 : 403, "Not signed in", error.message, signInAgain(to));
}

async function signOut(c: Context, door: Door): Promise<Response> {
  const session = await door.session(c);
  // No session says nothing of the browser's: SameSite keeps its cookie from another site's form, and an answer could still delete it.
  if (!(session?.kind === "person" ? await door.isOurForm(c, session) : door.isFromOurPages(c))) return door.refuseForm(c);
  door.forget(c);
  deleteCookie(c, BROWSER_COOKIE, COOKIE);
  return c.redirect("/signed-out", 303);
}

async function followLink(c: Context, token: string, door: Door, { sealer }: SignInOptions): Promise<Response> {
  const link = await openIncidentLink(sealer, token);
  if (link === null) {
    const text = "Links from Slack work for some minutes. Type /midwatch for a new one, or sign in.";
    return door.refuse(c, 403, "This link is over", text, signInAgain(HOME));
  }
  const session = await door.session(c);
  // A person who is signed in sees more than the link would show.
  if (session?.kind !== "person" || door.visitorOf(session) === null)
    await door.write(c, { kind: "link", incident: link.incident, by: link.by, until: door.nowS() + LINK_SESSION_S });
  return c.redirect(`/incidents/${encodeURIComponent(link.incident)}`, 303);
}

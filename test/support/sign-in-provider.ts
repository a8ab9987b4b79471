import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What the provider does wrong, for tests of an attacker's or a broken one. */
export interface Misdeed {
  /** Claims that replace those of the identity token. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signs with a key that it does not publish. */
  readonly foreignKey?: boolean;
  /** How far its clock is ahead of ours, seconds; below 0: behind. */
  readonly clockAheadS?: number;
  /** An unsigned token (`alg: none`). */
  readonly unsigned?: boolean;
  /** Answers the exchange of a code with this status. */
  readonly tokenStatus?: number;
  /** Where the document about itself says that the tokens are. */
  readonly issuer?: string;
}

export interface ProviderPerson {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** One authorization that the provider gave. */
interface Granted {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string;
  readonly person: ProviderPerson;
}

const digest = async (text: string) =>
  Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("base64url");

/**
 * An OpenID provider on loopback: discovery, RS256 with published keys, codes that work once and only with the client's secret, the redirect
 * URI and the PKCE verifier that they were given for. It asks nobody: whoever comes is the person that `signIn` names. It is for what a real provider
 * (`real-provider.ts`) does not do.
 */
export async function startProvider(client: { readonly id: string; readonly secret: string; readonly redirectUri: () => string }) {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = "1";
  const published = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
  const foreign = await generateKeyPair("RS256");
  const codes = new Map<string, Granted>();
  const tokens = new Map<string, ProviderPerson>();
  const calls: string[] = [];
  const state: { person: ProviderPerson; misdeed: Misdeed; hidden: readonly string[] } = {
    person: { sub: "nobody" },
    misdeed: {},
    hidden: [],
  };
  let issuer = "";
  let made = 0;

  const app = new Hono();
  app.use("*", async (c, next) => {
    calls.push(`${c.req.method} ${c.req.path}`);
    await next();
  });
  app.get("/.well-known/openid-configuration", (c) =>
    c.json({
      issuer: state.misdeed.issuer ?? issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      token_endpoint_auth_methods_supported: ["client_secret_post"],
      code_challenge_methods_supported: ["S256"],
    }),
  );
  app.get("/keys", (c) => c.json({ keys: [published] }));
  app.get("/authorize", (c) => {
    const asked = (name: string) => c.req.query(name) ?? "";
    // What a provider checks before it trusts the redirect URI at all.
    if (asked("client_id") !== client.id || asked("redirect_uri") !== client.redirectUri()) return c.text("unknown client", 400);
    const back = new URL(client.redirectUri());
    back.searchParams.set("state", asked("state"));
    const isRight =
      asked("response_type") === "code" && asked("scope").split(" ").includes("openid") && asked("code_challenge_method") === "S256";
    if (!isRight || asked("code_challenge") === "" || asked("nonce") === "") back.searchParams.set("error", "invalid_request");
    else if (state.person.sub === "refuses") back.searchParams.set("error", "access_denied");
    else {
      const code = `code-${++made}`;
      const { person } = state;
      codes.set(code, {
        clientId: client.id,
        redirectUri: client.redirectUri(),
        challenge: asked("code_challenge"),
        nonce: asked("nonce"),
        person,
      });
      back.searchParams.set("code", code);
    }
    return c.redirect(back.href);
  });
  app.post("/token", async (c) => {
    const form = await c.req.parseBody();
    const code = String(form["code"]);
    const granted = codes.get(code);
    codes.delete(code);
    if (form["client_id"] !== client.id || form["client_secret"] !== client.secret) return c.json({ error: "invalid_client" }, 401);
    const { misdeed } = state;
    if (misdeed.tokenStatus !== undefined) return c.json({ error: "server_error" }, misdeed.tokenStatus as 500);
    if (
      granted === undefined ||
      form["redirect_uri"] !== granted.redirectUri ||
      (await digest(String(form["code_verifier"]))) !== granted.challenge
    )
      return c.json({ error: "invalid_grant" }, 400);
    const { person, nonce } = granted;
    const nowS = Math.floor(Date.now() / 1000) + (misdeed.clockAheadS ?? 0);
    const shown = Object.fromEntries(Object.entries(person).filter(([name]) => !state.hidden.includes(name)));
    const claims = { iss: issuer, aud: client.id, iat: nowS, exp: nowS + 300, nonce, ...shown, ...misdeed.claims };
    const signed = await new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid })
      .sign(misdeed.foreignKey === true ? foreign.privateKey : privateKey);
    const bare = [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const token = `token-${++made}`;
    tokens.set(token, person);
    return c.json({
      access_token: token,
      token_type: "Bearer",
      expires_in: 300,
      id_token: misdeed.unsigned === true ? `${bare}.` : signed,
    });
  });
  app.get("/userinfo", (c) => {
    const person = tokens.get((c.req.header("authorization") ?? "").replace("Bearer ", ""));
    return person === undefined ? c.json({ error: "invalid_token" }, 401) : c.json(person);
  });

  const listening = Promise.withResolvers<number>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => listening.resolve(port));
  issuer = `http://127.0.0.1:${await listening.promise}`;
  return {
    issuer,
    calls,
    /** Who signs in next. `hidden`: claims that only `userinfo` tells. */
    signIn: (person: ProviderPerson, hidden: readonly string[] = []) => void Object.assign(state, { person, hidden }),
    misbehave: (misdeed: Misdeed) => void (state.misdeed = misdeed),
    async [Symbol.asyncDispose]() {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}

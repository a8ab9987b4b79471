import type { Configuration } from "openid-client";
import { IntegrationError } from "../guard/errors.ts";
import { type Fetch, outgoingFetch, type OutgoingCall } from "../guard/outgoing.ts";
import { openOidcGate } from "./policy.ts";
import type { Claims } from "./roles.ts";
import { digest } from "./seal.ts";

export interface OidcOptions {
  /** As the provider writes it: `https://slack.com`, `https://accounts.google.com`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  /** Where the provider sends people back to. */
  readonly redirectUri: string;
  readonly fetch: Fetch;
  readonly now?: () => number;
  readonly onCall?: (call: OutgoingCall) => void;
}

/** Secrets of one attempt to sign in, known to the browser that makes it and to nobody else. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Nobody was signed in. The message is for the person who tried. */
export class SignInError extends Error {
  /** Whether it is a fault of settings, provider or network, which an operator should see. */
  readonly isFault: boolean;
  constructor(message: string, options: { readonly isFault: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "SignInError";
    this.isFault = options.isFault;
  }
}

/** How long the provider's description of itself is valid, ms. */
const METADATA_MS = 60 * 60_000;
/** Failed attempts make midwatch read it again this often at most, ms. */
const AGAIN_MS = 60_000;
const isLoopback = ({ hostname }: URL) => ["127.0.0.1", "localhost", "[::1]"].includes(hostname);

export interface Oidc {
  /** Where the browser goes to sign in. @throws SignInError when the provider cannot be asked about itself */
  authorizationUrl(attempt: Attempt): Promise<URL>;
  /**
   * What the provider says of the person who came back. The identity token is checked whole: signature by the provider's published keys,
   * issuer, audience, times, nonce.
   * @param callback the address that the browser came back to, under `redirectUri`
   * @param isEnough whether the token alone says enough; else the provider is asked for the rest (`userinfo`), which some keep out of it
   * @throws SignInError
   */
  claims(callback: URL, attempt: Attempt, isEnough: (claims: Claims) => boolean): Promise<Claims>;
}

/** Sign-in by OpenID Connect: authorization code with PKCE, state and nonce, through `openid-client`, loaded with the first use. */
export function createOidc(options: OidcOptions): Oidc {
  const { issuer, clientId, clientSecret, scopes, redirectUri, now = Date.now } = options;
  const server = new URL(issuer);
  let known: { readonly configuration: Promise<Configuration>; readonly at: number } | null = null;
  /** What may be called: the document in which the provider describes itself, then what that names. */
  const called = openOidcGate(issuer);
  const send = outgoingFetch({
    vendor: "oidc",
    fetch: options.fetch,
    largestAnswerBytes: 1_048_576,
    gate: called.gate,
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.onCall === undefined ? {} : { onCall: options.onCall }),
  });

  async function discover(): Promise<Configuration> {
    const client = await import("openid-client");
    const configuration = await client.discovery(
      server,
      clientId,
      {},
      (as, ...rest) =>
        // Basic is what a provider takes that does not say.
        (as.token_endpoint_auth_methods_supported?.includes("client_secret_post") === true
          ? client.ClientSecretPost(clientSecret)
          : client.ClientSecretBasic(clientSecret))(as, ...rest),
      {
        [client.customFetch]: (url, init) => send(url, init as RequestInit),
        execute: [client.enableNonRepudiationChecks, ...(isLoopback(server) ? [client.allowInsecureRequests] : [])],
      },
    );
    const { token_endpoint: token, jwks_uri: keys, userinfo_endpoint: userinfo } = configuration.serverMetadata();
    for (const [method, address] of [
      ["POST", token],
      ["GET", keys],
      ["GET", userinfo],
    ] as const) {
      if (address === undefined || !URL.canParse(address)) continue;
      called.name(method, address);
    }
    return configuration;
  }

  function configured(): Promise<Configuration> {
    if (known !== null && now() - known.at < METADATA_MS) return known.configuration;
    const configuration = discover();
    const fresh = { configuration, at: now() };
    known = fresh;
    // A provider that could not be asked is asked again by the next attempt.
    configuration.catch(() => {
      if (known === fresh) known = null;
    });
    return configuration;
  }

  async function asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toSignInError(error, server.host);
    }
  }

  return {
    authorizationUrl: ({ state, nonce, verifier }) =>
      asked(async () => {
        const configuration = await configured();
        const { buildAuthorizationUrl } = await import("openid-client");
        return buildAuthorizationUrl(configuration, {
          redirect_uri: redirectUri,
          scope: scopes,
          state,
          nonce,
          code_challenge: await digest(verifier),
          code_challenge_method: "S256",
        });
      }),
    claims: (callback, { state, nonce, verifier }, isEnough) =>
      asked(async () => {
        const configuration = await configured();
        const client = await import("openid-client");
        const expected = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
        const tokens = await client.authorizationCodeGrant(configuration, callback, expected).catch((error: unknown) => {
          // Keys and addresses may have changed since they were read: the next attempt reads them again. Anybody can make an attempt fail.
          if (known !== null && now() - known.at >= AGAIN_MS) known = null;
          throw error;
        });
        const claims: Claims | undefined = tokens.claims();
        if (claims === undefined || typeof claims["sub"] !== "string") throw new Error("an identity token has a subject");
        if (isEnough(claims) || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
        const more = await client.fetchUserInfo(configuration, tokens.access_token, claims["sub"]);
        return joined(claims, more);
      }),
  };
}

/** What the token itself says goes first, for it is signed. That an address was verified is only taken of that very address. */
function joined(token: Claims, userinfo: Claims): Claims {
  const vouched = "email_verified" in token || !("email" in token) || token["email"] === userinfo["email"];
  return { ...userinfo, ...token, ...(vouched ? {} : { email_verified: false }) };
}

/** What the library says is wrong: its own error is general, the one behind it names the claim or the key, without its value. */
const detail = ({ message, cause }: Error): string => (cause instanceof Error ? cause.message : message);

/** A failure in words for the person who tried to sign in; what the provider writes may be shown to them, escaped. */
function toSignInError(error: unknown, host: string): unknown {
  if (error instanceof SignInError) return error;
  const { error: word } = (error ?? {}) as { readonly error?: unknown };
  // The library's errors for what the provider answered: to the browser, or to the exchange of the code.
  if (typeof word === "string" && /^[\w.-]{1,60}$/.test(word))
    return new SignInError(`${host} refused the sign-in: ${word}.`, { isFault: word !== "access_denied", cause: error });
  const ours = error instanceof Error && error.cause instanceof IntegrationError ? error.cause : error;
  if (ours instanceof IntegrationError) return new SignInError(ours.message, { isFault: true, cause: ours });
  if (error instanceof Error && error.cause instanceof Response)
    return new SignInError(`${host} answered the sign-in with ${error.cause.status}.`, { isFault: true });
  if (error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("OAUTH_"))
    return new SignInError(`What ${host} answered does not hold: ${detail(error)}.`, { isFault: true, cause: error });
  return error;
}

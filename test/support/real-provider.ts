import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";
import MemoryAdapter from "oidc-provider/lib/adapters/memory_adapter.js";
import type { ProviderPerson } from "./sign-in-provider.ts";

/** How long a code is good for, seconds. */
export const CODE_S = 60;

async function newKey(kid: string) {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
}

/**
 * `oidc-provider`, a certified OpenID provider, on loopback. It wants PKCE and keeps claims out of the identity token, so `userinfo` tells them. Its
 * forms for login and consent are answered at once, for the person that `signIn` names.
 */
export async function startRealProvider(client: { readonly id: string; readonly secret: string; readonly redirectUri: () => string }) {
  const people = new Map<string, ProviderPerson>();
  const state = { sub: "nobody", consents: true, secret: client.secret };
  let key = await newKey("1");
  let keys = 1;
  let current: { readonly provider: Provider; readonly answer: (request: IncomingMessage, response: ServerResponse) => void } | null = null;

  /** Built with the first request, for only then the client's address is known, and anew when a setting has changed. */
  function running() {
    if (current !== null) return current;
    const provider = new Provider(issuer, {
      // Its default, as a class of its own: the provider warns of the default.
      adapter: class extends MemoryAdapter {},
      clients: [{ client_id: client.id, client_secret: state.secret, redirect_uris: [client.redirectUri()] }],
      jwks: { keys: [key] },
      cookies: { keys: ["a-key-for-the-cookies-of-tests"] },
      claims: { openid: ["sub"], email: ["email", "email_verified", "groups"] },
      ttl: { AuthorizationCode: CODE_S, IdToken: 300, AccessToken: 300, Interaction: 300, Session: 300, Grant: 300 },
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ ...people.get(accountId), sub: accountId }) }),
      interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    });
    current = { provider, answer: provider.callback() };
    return current;
  }

  async function interact(request: IncomingMessage, response: ServerResponse) {
    const { provider } = running();
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const finish = (result: object) =>
      provider.interactionFinished(request, response, result, { mergeWithLastSubmission: prompt.name !== "login" });
    if (prompt.name === "login") return finish({ login: { accountId: state.sub } });
    if (!state.consents) return finish({ error: "access_denied", error_description: "the person refused" });
    const grant = new provider.Grant({ accountId: session?.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return finish({ consent: { grantId: await grant.save() } });
  }

  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) return running().answer(request, response);
    interact(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    /** Who signs in next, and whether they consent to what midwatch asks for. */
    signIn(person: ProviderPerson, consents = true) {
      people.set(person.sub, person);
      Object.assign(state, { sub: person.sub, consents });
    },
    /** Signs with another key from now on, and publishes that one alone. */
    async changeKey() {
      key = await newKey(String(++keys));
      current = null;
    },
    /** Takes this secret alone of midwatch from now on. */
    changeSecret(secret: string) {
      state.secret = secret;
      current = null;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

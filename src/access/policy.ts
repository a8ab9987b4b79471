import { type Gate, openGate, type Policy } from "../guard/policy.ts";

/** Where the sign-in's provider describes itself. */
export const oidcPolicy: Policy = {
  vendor: "oidc",
  setting: "OIDC_ISSUER",
  usual: null,
  rules: [
    { method: "GET", path: "/.well-known/openid-configuration", effect: "auth", purpose: "what the sign-in's provider says of itself" },
  ],
};

/** What that description names: each at exactly that address. */
export const oidcEndpointPolicy: Policy = {
  vendor: "oidc",
  setting: "OIDC_ISSUER",
  usual: null,
  rules: [
    {
      method: "POST",
      path: "",
      effect: "auth",
      purpose: "at the address that it names: the code of a sign-in for its tokens",
      once: true,
    },
    { method: "GET", path: "", effect: "auth", purpose: "at the addresses that it names: its keys; who signed in" },
  ],
};

/** The provider's policy in force. `name` lets the one method through to exactly that address from then on. */
export function openOidcGate(issuer: string): { readonly gate: Gate; name(method: "GET" | "POST", address: string): void } {
  const described = openGate(oidcPolicy, issuer);
  const named = new Map<string, Gate>();
  return {
    gate: (call) => (named.get(`${call.method} ${call.url.origin}${call.url.pathname}`) ?? described)(call),
    name(method, address) {
      const { origin, pathname } = new URL(address);
      named.set(`${method} ${origin}${pathname}`, openGate(oidcEndpointPolicy, origin + pathname));
    },
  };
}

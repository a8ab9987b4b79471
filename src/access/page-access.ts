import type { Context } from "hono";
import type { Config } from "../config.ts";
import type { Fetch, OutgoingCall } from "../guard/outgoing.ts";
import type { Redaction } from "../guard/redact.ts";
import { type HiddenValueQueries, reveal } from "../store/hidden-values.ts";
import type { IncidentStore } from "../store/incident-store.ts";
import type { Revealing } from "../web/hidden-value.ts";
import { type Access, createAccess, createOpenAccess } from "./access.ts";
import type { SignInOptions } from "./sign-in.ts";
import { createIncidentLinks, type IncidentLinks } from "./incident-link.ts";
import { createOidc, type Oidc } from "./oidc.ts";
import { createSealer } from "./seal.ts";

/** The provider that the settings name, or null. */
export function oidcOf(
  config: Config,
  options: { readonly fetch: Fetch; readonly now?: () => number; readonly onCall?: (call: OutgoingCall) => void },
): Oidc | null {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, PUBLIC_URL: publicUrl } = config;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || publicUrl === undefined) return null;
  return createOidc({
    issuer,
    clientId,
    clientSecret,
    scopes: config.OIDC_SCOPES,
    redirectUri: `${publicUrl}/sign-in/callback`,
    ...options,
  });
}

/** The access that the settings ask for: a sign-in where a provider is named, else none. */
export function accessOf(
  config: Config,
  options: Pick<SignInOptions, "now" | "clientAddress" | "reportError"> & {
    readonly fetch: Fetch;
    readonly onCall?: (call: OutgoingCall) => void;
  },
): Access {
  const { fetch, onCall, ...rest } = options;
  const oidc = oidcOf(config, { fetch, now: options.now, ...(onCall === undefined ? {} : { onCall }) });
  const { PUBLIC_URL: publicUrl } = config;
  if (oidc === null || publicUrl === undefined) return createOpenAccess();
  return createAccess({
    ...rest,
    oidc,
    sealer: createSealer(config.SESSION_SECRET, options.now),
    rules: {
      required: config.OIDC_REQUIRE,
      roles: { viewer: config.ROLE_VIEWER, responder: config.ROLE_RESPONDER, admin: config.ROLE_ADMIN },
    },
    publicUrl,
  });
}

/** Links that show one incident without a sign-in; null where the settings want none. */
export function incidentLinksOf(config: Config, now: () => number): IncidentLinks | null {
  const { SLACK_LINK_MINUTES: minutes, PUBLIC_URL: publicUrl, SESSION_SECRET: secrets } = config;
  if (minutes === 0 || publicUrl === undefined) return null;
  return createIncidentLinks(createSealer(secrets, now), publicUrl, minutes);
}

/** Who asks, as an audit names them; null: nobody who could be held to account. */
export function visitorName(access: Access, c: Context): string | null {
  const visitor = access.visitorOf(c);
  // The name may be one that its bearer chose; the provider's id is not.
  return visitor === null ? null : visitor.name === visitor.id ? visitor.id : `${visitor.name} (${visitor.id})`;
}

/** How admins see what redaction hid; null where no value is kept (REDACTION_KEY), or nobody could be held to account (no sign-in). */
export function revealingOf(
  config: Pick<Config, "REDACTION_KEY" | "OIDC_ISSUER">,
  {
    access,
    store,
    unseal,
  }: {
    readonly access: Access;
    readonly store: Pick<IncidentStore<HiddenValueQueries>, "query" | "tell">;
    readonly unseal: Redaction["unseal"];
  },
): Revealing | null {
  if (config.REDACTION_KEY === undefined || config.OIDC_ISSUER === undefined) return null;
  return {
    guard: access.requireRole("admin"),
    nameOf: (c) => visitorName(access, c),
    reveal: (about) => reveal(store, unseal, about),
  };
}

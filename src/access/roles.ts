/** What a person may do on the pages; each role may do what those before it may. */
const roles = ["viewer", "responder", "admin"] as const;
export type Role = (typeof roles)[number];

/** What the provider says of a person, by the names of OpenID Connect ("email", "hd", "groups"). */
export type Claims = Readonly<Record<string, unknown>>;

/** Whom a setting means. */
export type PersonRule =
  /** Everybody who may sign in at all. */
  | { readonly kind: "everyone" }
  | { readonly kind: "email"; readonly email: string }
  | { readonly kind: "domain"; readonly domain: string }
  /** The claim is this value, or a list that holds it. */
  | { readonly kind: "claim"; readonly claim: string; readonly value: string };

export type RoleRules = Readonly<Record<Role, readonly PersonRule[]>>;

/**
 * Reads `*`, `ana@example.com`, `@example.com` or `claim=value` (`groups=sre`, `https://slack.com/team_id=T0123`); null for anything else.
 * `email=ana@example.com` is the address: as a claim like others it would count without the provider's word for it. Letter case of addresses
 * does not matter, that of claims does.
 */
export function parsePersonRule(text: string): PersonRule | null {
  if (text === "*") return { kind: "everyone" };
  const claim = /^([^=\s]+)=(\S(?:.*\S)?)$/.exec(text);
  if (claim?.[1] === "email" && claim[2] !== undefined) {
    const address = parsePersonRule(claim[2]);
    return address?.kind === "email" ? address : null;
  }
  if (claim?.[1] !== undefined && claim[2] !== undefined) return { kind: "claim", claim: claim[1], value: claim[2] };
  const address = /^([^@\s]*)@([a-z\d-]+(?:\.[a-z\d-]+)*)$/i.exec(text);
  if (address?.[1] === undefined || address[2] === undefined) return null;
  return address[1] === ""
    ? { kind: "domain", domain: address[2].toLowerCase() }
    : { kind: "email", email: `${address[1]}@${address[2]}`.toLowerCase() };
}

/**
 * The address, if the provider vouches for it: one that a person merely typed in at a provider proves nothing. Of other letters than ASCII's
 * some become these in lower case (the sign of the kelvin a "k"), so an address with any is nobody's.
 */
function verifiedEmail({ email, email_verified: verified }: Claims): string | null {
  return typeof email === "string" && /^[\x21-\x7e]+$/.test(email) && (verified === true || verified === "true")
    ? email.toLowerCase()
    : null;
}

/** What a claim says, as texts. */
function valuesOf(claim: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return items.flatMap((item) => (typeof item === "string" || typeof item === "number" || typeof item === "boolean" ? [String(item)] : []));
}

function isMeant(rule: PersonRule, claims: Claims): boolean {
  switch (rule.kind) {
    case "everyone":
      return true;
    case "email":
      return verifiedEmail(claims) === rule.email;
    case "domain": {
      const email = verifiedEmail(claims);
      return email !== null && email.slice(email.lastIndexOf("@") + 1) === rule.domain;
    }
    case "claim":
      // An own property: a claim named "constructor" must not be found in every object.
      return Object.hasOwn(claims, rule.claim) && valuesOf(claims[rule.claim]).includes(rule.value);
  }
}

export interface AccessRules {
  /** Everyone who signs in must have all of these: the tenant of a provider that serves many. */
  readonly required: readonly PersonRule[];
  readonly roles: RoleRules;
}

/** The highest role that the rules give, or null: then nothing may be seen. */
export function roleOf(claims: Claims, rules: AccessRules): Role | null {
  if (!rules.required.every((rule) => isMeant(rule, claims))) return null;
  return roles.findLast((role) => rules.roles[role].some((rule) => isMeant(rule, claims))) ?? null;
}

export const mayAct = (has: Role, needs: Role): boolean => roles.indexOf(has) >= roles.indexOf(needs);

const allRules = ({ required, roles: of }: AccessRules): readonly PersonRule[] => [...required, ...roles.flatMap((role) => of[role])];

/** Whether no claim is missing that could give a higher role: of some, providers tell only when they are asked further (`userinfo`). */
export function saysEnough(claims: Claims, rules: AccessRules): boolean {
  const has = (claim: string) => Object.hasOwn(claims, claim);
  return (
    roleOf(claims, rules) === roles.at(-1) ||
    allRules(rules).every(
      (rule) => rule.kind === "everyone" || (rule.kind === "claim" ? has(rule.claim) : has("email") && has("email_verified")),
    )
  );
}

const LONGEST_ADDRESS = 320;

/** Of all that a provider says, what the rules look at: a session carries no more than that, and of long lists the values that count alone. */
export function claimsThatCount(claims: Claims, rules: AccessRules): Claims {
  const { email, email_verified: verified } = claims;
  // A part of a longer one would be another's address.
  const kept: Record<string, unknown> =
    typeof email === "string" && email.length <= LONGEST_ADDRESS ? { email, email_verified: verified === true || verified === "true" } : {};
  for (const rule of allRules(rules)) {
    // A rule on `email_verified` finds it as it is; in a list it would vouch for nothing.
    if (rule.kind !== "claim" || typeof kept[rule.claim] === "boolean" || !isMeant(rule, claims)) continue;
    const before = Object.hasOwn(kept, rule.claim) ? valuesOf(kept[rule.claim]) : [];
    kept[rule.claim] = [...new Set([...before, rule.value])];
  }
  return kept;
}

import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { Agent } from "undici";
import type { Config } from "../config.ts";
import type { Fetch } from "../guard/outgoing.ts";
import type { Vendor } from "../integrations/vendor.ts";
import { vendors as allVendors } from "../integrations/vendors.ts";

/**
 * The way out of this machine. A base URL that the operator set is the operator's word, wherever it leads. Any other name (a vendor's usual host,
 * GitHub's storage, Slack's sockets) must be a public address: somebody who controls its DNS reaches nothing inside. The address that was looked
 * at is the one that is connected to, so a second answer changes nothing.
 */
export interface Network {
  readonly fetch: Fetch;
  /** Resolves a host for a connection; the same rule. */
  readonly lookup: LookupFunction;
}

/** Loopback, private, link-local (with the clouds' metadata services), carrier-grade NAT, multicast, documentation and other special ranges. Source: IANA's registries of special-purpose addresses (RFC 6890). */
const SPECIAL_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;
/** Of IPv6 only what is given out to the public (2000::/3) counts, without what leads on to an IPv4 address or is for documentation. */
const PUBLIC_V6 = ["2000::", 3] as const;
const SPECIAL_V6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const special = new BlockList();
for (const [net, prefix] of SPECIAL_V4) special.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of SPECIAL_V6) special.addSubnet(net, prefix, "ipv6");
const publicV6 = new BlockList();
publicV6.addSubnet(...PUBLIC_V6, "ipv6");

/** Whether an address, as text without brackets, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, "ipv4");
    case 6:
      return publicV6.check(address, "ipv6") && !special.check(address, "ipv6");
    default:
      return false;
  }
}

class NotPublicError extends Error {
  readonly code = "NOT_A_PUBLIC_ADDRESS";
  constructor(host: string) {
    super(`${host} leads to an address that is not public; a base URL of your own may, by its setting`);
  }
}

/** Host names that the operator set, as URLs write them. */
function ownHosts(config: Readonly<Record<string, unknown>>, vendors: readonly Vendor[]): string[] {
  const set = ["OIDC_ISSUER", "OTEL_EXPORTER_OTLP_ENDPOINT", ...vendors.flatMap(({ addresses }) => addresses)].map((name) => config[name]);
  return set.flatMap((address) => (typeof address === "string" ? [new URL(address).hostname] : []));
}

type Resolve = (host: string, options: { readonly all: true }, done: Parameters<LookupFunction>[2]) => void;

export interface NetworkOptions {
  readonly config: Config;
  /** Default: all. */
  readonly vendors?: readonly Vendor[];
  /** Further addresses that the operator set, in files of the settings. */
  readonly named?: readonly URL[];
  /** A proxy for all calls is set by Node's own settings: it resolves names, and what it reaches is its operator's affair. */
  readonly proxied?: boolean;
  /** Default: this machine's. */
  readonly resolve?: Resolve;
}

export function openNetwork({
  config,
  vendors = allVendors,
  named = [],
  proxied = false,
  resolve = systemLookup as Resolve,
}: NetworkOptions): Network {
  const own = new Set([...ownHosts(config, vendors), ...named.map(({ hostname }) => hostname)]);
  const isOwn = (host: string) => own.has(host.toLowerCase());

  const lookup: LookupFunction = (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const addresses = Array.isArray(found) ? found : [];
      // One of several is enough: which of them would be tried is not ours to say.
      const [first] = addresses;
      if (first === undefined || (!isOwn(host) && !addresses.every(({ address }) => isPublicAddress(address))))
        return done(new NotPublicError(host), []);
      return options.all === true ? done(null, addresses) : done(null, first.address, first.family);
    });
  };

  let agent: Promise<Agent> | null = null;
  const pinned = () => (agent ??= import("undici").then((undici) => new undici.Agent({ connect: { lookup } })));
  const fetch: Fetch = async (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input);
    if (proxied || isOwn(hostname)) return globalThis.fetch(input, init);
    const bare = hostname.replace(/^\[|\]$/g, "");
    if (isIP(bare) !== 0 && !isPublicAddress(bare)) throw new NotPublicError(hostname);
    // Node's fetch takes a dispatcher, which its types do not know.
    return globalThis.fetch(input, { ...init, dispatcher: await pinned() } as RequestInit);
  };
  return { fetch, lookup };
}

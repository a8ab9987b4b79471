import type { Catalog } from "../../catalog.ts";
import type { Config } from "../../config.ts";
import type { Fetch } from "../../guard/outgoing.ts";
import { type Clients, settingsOf } from "../../integrations/clients.ts";
import type { Vendor } from "../../integrations/vendor.ts";
import type { BlindnessOptions } from "../../operations/blindness.ts";

/** Of each connected vendor the reads that `doctor` makes; what comes of them is heard where all calls are. */
export const probesOf = (
  vendors: readonly Vendor[],
  clients: Clients,
  checking: { readonly config: Config; readonly catalog: Catalog; readonly fetch: Fetch; readonly signal: AbortSignal },
): BlindnessOptions["vendors"] =>
  vendors.flatMap((vendor) => {
    const client = clients.of(vendor);
    const { check } = vendor;
    if (client === null || check === undefined) return [];
    return {
      id: vendor.id,
      title: vendor.title,
      probe: async () => void (await check(client, { ...checking, config: settingsOf(vendor, checking.config) })),
    };
  });

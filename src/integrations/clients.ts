import { redactedClient } from "../guard/redacted-client.ts";
import type { Redactor } from "../guard/redact.ts";
import type { ImpactSource, UnconfiguredImpact } from "../incident/impact-source.ts";
import type { PageNotes } from "../incident/page-notes.ts";
import type { PageResponders } from "../incident/page-responders.ts";
import type { Source, UnconfiguredSource } from "../incident/source.ts";
import type { Tool } from "../incident/tool.ts";
import type { z } from "zod";
import type { Around, Asking, ToolsAsking, Vendor } from "./vendor.ts";

/** Parsed files of vendors, by the vendor's id. */
export type VendorFiles = Readonly<Record<string, unknown>>;

/** Clients of the vendors that are connected. */
export interface Clients {
  /** null: its settings are not there. */
  of<S extends z.ZodRawShape, C extends object, F>(vendor: Vendor<S, C, F>): C | null;
  /** The same clients with answers that hold no personal data and no secrets. */
  redacted(redactor: Redactor): Clients;
}

const clientsBy = (vendors: ReadonlyMap<string, object>): Clients => ({
  of: <S extends z.ZodRawShape, C extends object, F>({ id }: Vendor<S, C, F>) => (vendors.get(id) as C | undefined) ?? null,
  redacted: (redactor) =>
    clientsBy(
      new Map(
        [...vendors].map(([id, client]) => [
          id,
          Array.isArray(client) ? client.map((one: object) => redactedClient(one, redactor)) : redactedClient(client, redactor),
        ]),
      ),
    ),
});

/** Builds a client for each vendor that has its settings. Each sees its own part of them. */
export function connectVendors(
  vendors: readonly Vendor[],
  settings: Readonly<Record<string, unknown>>,
  files: VendorFiles,
  around: Omit<Around, "file">,
): Clients {
  const connected = new Map<string, object>();
  for (const vendor of vendors) {
    const client = vendor.connect(settingsOf(vendor, settings), { ...around, file: files[vendor.id] });
    if (client !== null) connected.set(vendor.id, client);
  }
  return clientsBy(connected);
}

/** A vendor's own part of the settings: it gets no credential of another. */
export const settingsOf = ({ settings }: Vendor, all: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.keys(settings).map((name) => [name, all[name]]));

/**
 * Reads the vendors' own files.
 * @param read where a file is and its text; null: none is named
 * @throws VendorFileError
 */
export const parseVendorFiles = (
  vendors: readonly Vendor[],
  settings: Readonly<Record<string, unknown>>,
  read: (file: NonNullable<Vendor["file"]>, vendor: Vendor) => { readonly place: string; readonly text: string } | null,
): VendorFiles =>
  Object.fromEntries(
    vendors.flatMap((vendor) => {
      const { id, file } = vendor;
      const found = file === undefined ? null : read(file, vendor);
      if (file === undefined || found === null) return [];
      const taken = vendors.flatMap((other) => (other === vendor || other.tools === undefined ? [] : [other.id]));
      return [[id, file.parse(found.text, { config: settingsOf(vendor, settings), place: found.place, taken })]];
    }),
  );

/** Addresses that the vendors' own files name. */
export const addressesIn = (vendors: readonly Vendor[], files: VendorFiles): URL[] =>
  vendors.flatMap(({ id, file }) => (file === undefined || files[id] === undefined ? [] : file.addresses(files[id])));

/** Reports to the operator at the start what each vendor finds. */
export async function reportVendors(vendors: readonly Vendor[], clients: Clients, log: (line: string) => void): Promise<void> {
  await Promise.all(
    vendors.map(async (vendor) => {
      const client = clients.of(vendor);
      if (client !== null) await vendor.report?.(client, log);
    }),
  );
}

/** What triage asks all of them, and what it cannot ask. */
export function sourcesOf(
  vendors: readonly Vendor[],
  clients: Clients,
  asking: Asking,
): { readonly sources: Source[]; readonly unconfigured: UnconfiguredSource[] } {
  const all = vendors.flatMap((vendor): readonly (Source | UnconfiguredSource)[] => {
    const client = clients.of(vendor);
    if (client !== null) return vendor.sources?.(client, asking) ?? [];
    const { title: name, needs, without, sources, missed } = vendor;
    if (sources === undefined || needs === undefined || missed?.(asking.catalog) === false) return [];
    return [{ name, missing: `set ${needs}${without === undefined ? "" : `; ${without}`}` }];
  });
  return {
    sources: all.filter((one) => "ask" in one),
    unconfigured: all.filter((one) => "missing" in one),
  };
}

/** What the model may ask all of them. */
export const toolsOf = (vendors: readonly Vendor[], clients: Clients, asking: ToolsAsking): Tool[] =>
  vendors.flatMap((vendor) => {
    const client = clients.of(vendor);
    return client === null ? [] : (vendor.tools?.(client, asking) ?? []);
  });

/** The pagers on whose pages midwatch may write. */
export const notesOf = (vendors: readonly Vendor[], clients: Clients): PageNotes[] =>
  vendors.flatMap((vendor) => {
    const client = clients.of(vendor);
    return (client === null ? null : vendor.notes?.(client)) ?? [];
  });

/** Those that count what the catalog declares of the impact, and those that would. */
export const impactSourcesOf = (vendors: readonly Vendor[], clients: Clients): (ImpactSource | UnconfiguredImpact)[] =>
  vendors.flatMap((vendor) => {
    const { impact, title, needs = title } = vendor;
    if (impact === undefined) return [];
    const client = clients.of(vendor);
    return [client === null ? { kind: impact.kind, missing: `set ${impact.needs ?? needs}` } : impact.source(client)];
  });

/** The pagers that know their users' addresses. */
export const respondersOf = (vendors: readonly Vendor[], clients: Clients): PageResponders[] =>
  vendors.flatMap((vendor) => {
    const client = clients.of(vendor);
    return (client === null ? null : vendor.responders?.(client)) ?? [];
  });

/**
 * Loads what is heavy, ahead of the first page.
 * @param part `triage`: what triage needs
 */
export async function warmVendors(vendors: readonly Vendor[], clients: Clients, part: "all" | "triage"): Promise<void> {
  await Promise.all(
    vendors.map(async (vendor) => {
      const client = clients.of(vendor);
      const wanted = part === "all" || vendor.sources !== undefined;
      if (client !== null && wanted) await vendor.warm?.(client);
    }),
  );
}

import type { z } from "zod";
import type { Caller, Fetch } from "../guard/outgoing.ts";
import type { Policy } from "../guard/policy.ts";
import type { SqlParser } from "../guard/sql-tree.ts";
import type { KnownService, NamesAtVendor, Source, UnconfiguredSource } from "../incident/source.ts";
import type { DeclaredImpact, DeclaredKind, ImpactSource } from "../incident/impact-source.ts";
import type { PageNotes } from "../incident/page-notes.ts";
import type { PageResponders } from "../incident/page-responders.ts";
import type { Tool } from "../incident/tool.ts";
import type { Check } from "./doctor-check.ts";
import { SetupError } from "../guard/errors.ts";

/** The values of a vendor's settings. */
export type Settings<S extends z.ZodRawShape> = z.output<z.ZodObject<S>>;

/** What a vendor sees of the catalog. */
export interface CatalogView {
  readonly services: readonly (KnownService & { readonly calls: readonly string[]; readonly impact?: DeclaredImpact | undefined })[];
  /** Tables that the model's SQL may read. */
  readonly databases: readonly {
    readonly name: string;
    readonly tables: readonly {
      readonly schema: string;
      readonly name: string;
      readonly columns: readonly string[];
      readonly masked: Readonly<Record<string, string>>;
    }[];
  }[];
  /** Channels of one incident each; missing: midwatch makes none. */
  readonly incidentChannels?: { readonly create: boolean };
  /** Channels that midwatch posts to. */
  readonly channels: readonly string[];
  find(nameOrId: string): (KnownService & { readonly calls: readonly string[] }) | null;
}

/** How calls leave: the same for every client. */
export type Calling = Caller;

/** What a client is built from, beside its settings. */
export interface Around<F = unknown> {
  readonly calling: Calling;
  readonly catalog: CatalogView;
  /** The vendor's own file, parsed; undefined where it has none. */
  readonly file: F | undefined;
  /** Lets the web server breathe between pieces of long work. */
  readonly yieldNow: () => Promise<void>;
  /** PostgreSQL's parser, where the host has it. */
  readonly parseSql?: SqlParser;
  /** How long the model may keep one waiting, where the usual is not right. */
  readonly modelWaits?: {
    readonly firstByteMs?: number | undefined;
    readonly stallMs?: number | undefined;
    readonly totalMs?: number | undefined;
  };
}

/** What sources and tools are made with. */
export interface Asking {
  readonly catalog: CatalogView;
  /** Why no model takes part; null where one does. */
  readonly withoutModel: string | null;
}

/** What the model's tools are made with, for one incident. */
export interface ToolsAsking extends Asking {
  /** The incident's own thread at the surface where people read; null before there is one. */
  readonly thread: () => Promise<{ readonly channel: string; readonly threadTs: string } | null>;
}

/** What the checks of `doctor` are made with. */
export interface Checking<S extends z.ZodRawShape> {
  readonly config: Settings<S>;
  readonly catalog: CatalogView;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

/** A service's record of one vendor in the catalog: its key, its form, and what it says. */
export interface CatalogPart {
  readonly key: string;
  readonly schema: z.ZodType;
  /** What the vendor calls the service; see {@link NamesAtVendor}. */
  names(record: unknown): NamesAtVendor;
  /** Names and ids by which the vendor's events name the service, so that the catalog finds it. No two services may share one. */
  keys(record: unknown): readonly string[];
}

/** A catalog part whose functions are typed by its schema. */
export function catalogPart<T extends z.ZodType>(part: {
  readonly key: string;
  readonly schema: T;
  names(record: z.output<T>): Readonly<Record<string, string | undefined>>;
  keys?(record: z.output<T>): readonly string[];
}): CatalogPart {
  return {
    ...part,
    names: (record) =>
      Object.fromEntries(Object.entries(part.names(record as z.output<T>)).filter((one): one is [string, string] => one[1] !== undefined)),
    keys: (record) => part.keys?.(record as z.output<T>) ?? [],
  };
}

/** What is wrong with a vendor's own file; every problem at once, one line each. */
export class VendorFileError extends SetupError {
  /** Title of the vendor. */
  readonly vendor: string;
  constructor(vendor: string, problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "VendorFileError";
    this.vendor = vendor;
  }
}

/** A file of a vendor's own that a setting names. */
export interface VendorFile<S extends z.ZodRawShape, F> {
  /** The setting with its path. */
  readonly setting: string;
  /** The Worker's binding with its text, for a Worker has no files. */
  readonly binding: string;
  /** What to write: "the file of MCP servers (docs/mcp.md has an example)". */
  readonly about: string;
  /**
   * @param place the path or binding, for errors
   * @param taken ids of the other vendors that have tools
   * @throws VendorFileError
   */
  parse(text: string, given: { readonly config: Settings<S>; readonly place: string; readonly taken: readonly string[] }): F;
  /** Addresses in it that midwatch may connect to. */
  addresses(file: F): readonly URL[];
}

/**
 * All that midwatch knows of one vendor. A vendor is a folder with a `vendor.ts` and one line in `vendors.ts`: settings, catalog, network,
 * policies, triage, the model's tools and `doctor` go through that list and name no vendor.
 */
export interface Vendor<S extends z.ZodRawShape = z.ZodRawShape, C extends object = object, F = unknown> {
  /** Lower case; first word of its tools' names, and its key in {@link KnownService.names}. */
  readonly id: string;
  /** As people write it: the name of its lines in `doctor` and in the coverage. */
  readonly title: string;
  /** Its part of the settings, in the order of `.env.example`. */
  readonly settings: S;
  /** Settings of which no value may ever be shown. */
  readonly secrets: readonly string[];
  /** Where secrets are not whole values of settings: each as it may appear in a text. */
  secretTexts?(config: Settings<S>): readonly string[];
  /** Settings with an address that midwatch may connect to, wherever it leads. */
  readonly addresses: readonly string[];
  /** Settings that others of its settings need, with the reason ("; DD_API_KEY alone cannot read"). */
  missing?(config: Settings<S>): readonly { readonly setting: string; readonly because: string }[];
  readonly catalog?: CatalogPart;
  readonly file?: VendorFile<S, F>;
  /** All that its client may call. */
  readonly policies: readonly Policy[];
  /** Settings that connect it, in words: "DD_API_KEY and DD_APP_KEY". Absent: nobody misses it. */
  readonly needs?: string;
  /** What is read all the same without them. */
  readonly without?: string;
  /** Whether the coverage names it while it is not connected. Default: yes, where it has sources. */
  missed?(catalog: CatalogView): boolean;
  /**
   * Builds its client, or one of each of its servers; null: its settings are not there. A client is a plain object of functions: redaction wraps
   * the answers of its own properties, and drops what a class has on its prototype.
   */
  connect(config: Settings<S>, around: Around<F>): C | null;
  /** What triage asks it, and what of it cannot be asked. */
  sources?(client: C, asking: Asking): readonly (Source | UnconfiguredSource)[];
  /** What the model may ask it. */
  tools?(client: C, asking: ToolsAsking): readonly Tool[];
  /** Notes on its pages, where the settings allow them; null: they do not. */
  notes?(client: C): PageNotes | null;
  /** What it counts of the impact, where the catalog declares how; `needs`: the settings that connect it. Default: the vendor's. */
  readonly impact?: { readonly kind: DeclaredKind; readonly needs?: string; source(client: C): ImpactSource };
  /** Addresses of its users, to find them in Slack. */
  responders?(client: C): PageResponders;
  /** Loads what is heavy, ahead of the first page. */
  warm?(client: C): Promise<unknown>;
  /** What the operator should know at the start. */
  report?(client: C, log: (line: string) => void): Promise<void>;
  /** What does not fit between settings and catalog. Asks nobody. */
  checkSettings?(config: Settings<S>, catalog: CatalogView): readonly Check[];
  /** `doctor`: whether it answers, and what the credential may do. Writes nothing. An IntegrationError becomes a problem. */
  check?(client: C, checking: Checking<S>): Promise<readonly Check[]>;
}

/** A vendor whose functions are typed by its settings and client. */
export const defineVendor = <S extends z.ZodRawShape, C extends object, F = unknown>(
  vendor: Vendor<S, C, F> & { readonly secrets: readonly (keyof S & string)[]; readonly addresses: readonly (keyof S & string)[] },
): Vendor<S, C, F> => vendor;

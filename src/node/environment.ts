import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { type Catalog, CatalogError, parseCatalog } from "../catalog.ts";
import { type Config, misspeltSettings, secretSettings } from "../config.ts";
import type { Redaction } from "../guard/redact.ts";
import { RedactionRulesError } from "../guard/redaction-rules.ts";
import { addressesIn, type VendorFiles } from "../integrations/clients.ts";
import type { Vendor } from "../integrations/vendor.ts";
import { vendors as allVendors } from "../integrations/vendors.ts";
import { intakes as allIntakes } from "../intake/index.ts";
import type { Intake } from "../intake/intake.ts";
import { redactionOf } from "../redaction.ts";
import { type Problem, problemLine } from "../skills/problem.ts";
import { type Network, openNetwork } from "./network.ts";

/**
 * Settings from the environment and `.env`; the environment wins. The only place that reads either. It takes the credentials out of the
 * environment: no library, thread or child process of this one finds them there.
 */
export function readEnvironment(): Record<string, string | undefined> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const values = { ...process.env };
  for (const name of secretSettings) delete process.env[name];
  return values;
}

/** What `.env` names. */
export interface EnvFile {
  readonly names: readonly string[];
}

/** `.env` of the current folder, or null where there is none. */
export const readEnvFile = (): EnvFile | null =>
  existsSync(".env") ? { names: Object.keys(parseEnv(readFileSync(".env", "utf8"))) } : null;

/** @throws CatalogError, also when the file is not there */
export function loadCatalog(config: Pick<Config, "CATALOG_PATH">, vendors: readonly Vendor[] = allVendors): Catalog {
  let text: string;
  try {
    text = readFileSync(config.CATALOG_PATH, "utf8");
  } catch {
    throw new CatalogError([
      `${config.CATALOG_PATH} cannot be read. Write the catalog of your services (docs/catalog.md has an example) or set CATALOG_PATH.`,
    ]);
  }
  return parseCatalog(text, config.CATALOG_PATH, vendors);
}

/** Reports what is likely a slip in the names of settings. */
export function reportSlips(values: Readonly<Record<string, unknown>>, log: (line: string) => void): void {
  for (const line of misspeltSettings(values)) log(line);
}

/** What is hidden, by the settings and the operator's rules. @throws RedactionRulesError, also when the file is not there */
export function loadRedaction(config: Config, vendors: readonly Vendor[] = allVendors, intakes: readonly Intake[] = allIntakes): Redaction {
  const { REDACTION_RULES: path } = config;
  if (path === undefined) return redactionOf(config, null, vendors, intakes);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new RedactionRulesError([`${path} cannot be read. Write the rules (docs/operating.md has an example) or unset REDACTION_RULES.`]);
  }
  return redactionOf(config, text, vendors, intakes);
}

/** What is wrong with skills and runbooks, one line each. */
export const reportSkills =
  (log: (line: string) => void) =>
  (problems: readonly Problem[]): void =>
    problems.forEach((problem) => log(`skills: ${problemLine(problem)}`));

/** The way out for all that runs on this machine by these settings, and to the addresses in the vendors' own files. */
export const networkOf = (config: Config, files: VendorFiles = {}, vendors: readonly Vendor[] = allVendors): Network =>
  openNetwork({
    config,
    vendors,
    named: addressesIn(vendors, files),
    proxied: process.env["NODE_USE_ENV_PROXY"] === "1" || process.execArgv.includes("--use-env-proxy"),
  });

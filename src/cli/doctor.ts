import { oidcOf } from "../access/page-access.ts";
import { type Catalog, CatalogError } from "../catalog.ts";
import { type Config, ConfigError, configSchema, misspeltSettings, parseConfig } from "../config.ts";
import { isUnknownName } from "../guard/call-errors.ts";
import type { Fetch } from "../guard/outgoing.ts";
import { RedactionRulesError } from "../guard/redaction-rules.ts";
import { settingsOf } from "../integrations/clients.ts";
import { type Check, guarded, notConfigured, ok, problem, warning } from "../integrations/doctor-check.ts";
import { type Vendor, VendorFileError } from "../integrations/vendor.ts";
import { roles, vendors as allVendors } from "../integrations/vendors.ts";
import { teamSkills } from "../look-parts.ts";
import { createMidwatch, type Midwatch } from "../midwatch.ts";
import { type EnvFile, loadCatalog, loadRedaction, networkOf, readEnvFile, readEnvironment } from "../node/environment.ts";
import { openSkillFolders } from "../node/skills.ts";
import { parseSql } from "../node/sql-parser.ts";
import { loadVendorFiles } from "../node/vendor-files.ts";
import { counted } from "../report/tool-view.ts";
import { type Problem, problemLine } from "../skills/problem.ts";
import { RunbookError } from "../skills/runbook.ts";
import { serviceSlips } from "../skills/service-slips.ts";
import { checkLinks, checkResponders, checkSignIn } from "./doctor-access.ts";

const TIMEOUT_MS = 20_000;

type Values = Readonly<Record<string, string | undefined>>;

/** All that the checks need: midwatch as the settings make it. */
interface Patient {
  readonly config: Config;
  readonly catalog: Catalog;
  readonly midwatch: Midwatch;
  readonly vendors: readonly Vendor[];
  /** Hosts of which no address was found, as the checks ask them. */
  readonly unknownHosts: ReadonlySet<string>;
  /** Notes them. */
  readonly fetch: Fetch;
}

/** A fetch that notes the hosts of which no address is found. */
const noting =
  (send: Fetch, hosts: Set<string>): Fetch =>
  async (input, init) => {
    try {
      return await send(input, init);
    } catch (error) {
      if (isUnknownName(error)) hosts.add(new URL(input instanceof Request ? input.url : input).hostname);
      throw error;
    }
  };

/** The first of the problems, or null where there is none. */
const firstOf = (problems: readonly Problem[]): string | null =>
  problems[0] === undefined ? null : `${counted(problems.length, "problem")}, the first: ${problemLine(problems[0])}`;

function rulesWords({ modelRules }: Catalog): string {
  if (modelRules === null) return "";
  return `; which pages get a model: ${counted(modelRules.rules.length, "rule")} (docs/catalog.md#model)`;
}

/** Each problem of the catalog on a line of its own. */
const catalogProblems = (error: Error): readonly Check[] => error.message.split("\n").map((line) => problem("Catalog", line));

/** Without services midwatch starts, but knows no deploys, owners or channels. */
const servicesWords = (count: number): string =>
  count === 0 ? "lists no services yet; docs/catalog.md says how" : counted(count, "service");

/** The catalog where settings do not let midwatch start: people fix both at once. */
function checkCatalogAlone(values: Values, vendors: readonly Vendor[]): readonly Check[] {
  const path = configSchema.shape.CATALOG_PATH.safeParse(values["CATALOG_PATH"] || undefined);
  // That it is wrong is among the settings' problems.
  if (!path.success) return [];
  try {
    const { services } = loadCatalog({ CATALOG_PATH: path.data }, vendors);
    return [(services.length === 0 ? warning : ok)("Catalog", servicesWords(services.length))];
  } catch (error) {
    if (error instanceof CatalogError) return catalogProblems(error);
    throw error;
  }
}

/** Node itself reads these, before there is a `.env`. */
const OF_NODE = /^(?:NODE_\w+|(?:HTTPS?|NO)_PROXY)$/i;

/** Lines of `.env` that do nothing. */
const checkEnvFile = ({ names }: EnvFile, misspelt: readonly string[]): readonly Check[] =>
  names
    .filter((name) => !Object.hasOwn(configSchema.shape, name) && !misspelt.some((line) => line.startsWith(`${name} `)))
    .map((name) =>
      warning(
        "Settings",
        OF_NODE.test(name)
          ? `${name} in .env has no effect: Node reads it before midwatch reads .env. Set it in the environment`
          : `${name} in .env has no effect: midwatch has no such setting. .env.example lists them all`,
      ),
    );

/** Reads settings and files as `serve` does, and adds what they say to the checks; null where they don't let midwatch start. */
function admit(values: Values, vendors: readonly Vendor[], checks: Check[]): Patient | null {
  try {
    const config = parseConfig(values, undefined, vendors);
    checks.push(ok("Settings", "all there"), ...misspeltSettings(values, vendors).map((line) => warning("Settings", line)));
    const catalog = loadCatalog(config, vendors);
    const problems: Problem[] = [];
    const library = openSkillFolders(config.SKILLS_PATH ?? null, (found) => problems.push(...found)).current();
    checks.push(
      (catalog.services.length === 0 ? warning : ok)(
        "Catalog",
        `${servicesWords(catalog.services.length)}; ${catalog.signals.length} signals; ${library.runbooks.length} runbooks, ${library.skills.length} skills${rulesWords(catalog)}`,
      ),
    );
    checks.push(...serviceSlips(library.runbooks, (typed) => catalog.nearest(typed)).map((slip) => problem("Runbooks", problemLine(slip))));
    const skills = firstOf(problems);
    if (skills !== null) checks.push(warning("Skills", skills));
    checks.push(...vendors.flatMap((vendor) => vendor.checkSettings?.(settingsOf(vendor, config), catalog) ?? []));
    const files = loadVendorFiles(config, vendors);
    const unknownHosts = new Set<string>();
    const fetch = noting(networkOf(config, files, vendors).fetch, unknownHosts);
    const midwatch = createMidwatch({
      config,
      catalog,
      vendors,
      files,
      redaction: loadRedaction(config, vendors),
      library: () => library,
      fetch,
      yieldNow: () => Promise.resolve(),
      publicUrl: config.PUBLIC_URL ?? null,
      parseSql,
    });
    return { config, catalog, midwatch, vendors, unknownHosts, fetch };
  } catch (error) {
    if (error instanceof ConfigError)
      checks.push(...error.problems.map((line) => problem("Settings", line)), ...checkCatalogAlone(values, vendors));
    else if (error instanceof RedactionRulesError) checks.push(...error.problems.map((line) => problem("Settings", line)));
    else if (error instanceof VendorFileError) checks.push(problem(error.vendor, error.message));
    else if (error instanceof CatalogError) checks.push(...catalogProblems(error));
    else if (error instanceof RunbookError) checks.push(problem("Catalog", error.message));
    else throw error;
    return null;
  }
}

/** One vendor: whether it answers, and what the credential may do. */
async function checkVendor(
  vendor: Vendor,
  { config, catalog, midwatch, unknownHosts, fetch }: Patient,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const client = midwatch.clients.of(vendor);
  if (client === null) return vendor.needs === undefined ? [] : [notConfigured(vendor.title, vendor.needs)];
  const checks = await guarded(
    vendor.title,
    async () => vendor.check?.(client, { config: settingsOf(vendor, config), catalog, fetch, signal }) ?? [],
  );
  const [policy] = vendor.policies;
  const base: unknown = policy === undefined ? undefined : (config[policy.setting as keyof Config] ?? policy.usual);
  const isUnknown = typeof base === "string" && URL.canParse(base) && unknownHosts.has(new URL(base).hostname);
  return checks.map((check) =>
    isUnknown && check.state === "problem"
      ? { ...check, detail: `${check.detail}. Check ${policy?.setting}, and this machine's DNS and proxy.` }
      : check,
  );
}

/** The team's repository of skills, where there is one: whether it can be read, and what is wrong in it. */
async function checkSkills(config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  if (config.SKILLS_REPOSITORY === undefined) return [];
  const name = `Skills of ${config.SKILLS_REPOSITORY}`;
  const team = teamSkills(config, { fetch: networkOf(config).fetch });
  if (team === null) return [problem(name, `needs ${roles.code.needs}`)];
  const { skills, runbooks, problems } = await team.read(signal);
  const found = `${counted(skills.length, "skill")}, ${counted(runbooks.length, "runbook")}`;
  const wrong = firstOf(problems);
  return [wrong === null ? ok(name, found) : warning(name, `${found}; ${wrong}`)];
}

type Say = (line: string) => void;

/** Says the checks. @returns the exit code: 1 when something is a problem */
function report(checks: readonly Check[], json: boolean, say: Say): number {
  const marks = { ok: "✓", warning: "!", problem: "✗" };
  const well = checks.every((check) => check.state !== "problem");
  if (json) say(JSON.stringify({ ok: well, checks }));
  else for (const { name, state, detail } of checks) say(`${marks[state]} ${name}: ${detail}`);
  return well ? 0 : 1;
}

/** `doctor`: one line for each thing that must work, with what to do where it does not. Exit code 1 when something is a problem. */
export async function doctor(
  { json }: { json: boolean },
  {
    vendors = allVendors as readonly Vendor[],
    envFile = readEnvFile(),
    values = readEnvironment() as Values,
    say = console.log as Say,
  } = {},
): Promise<number> {
  const checks: Check[] = [];
  const patient = admit(values, vendors, checks);
  if (envFile === null) {
    if (patient === null) checks.push(warning("Settings", `there is no .env in ${process.cwd()}; .env.example is one to copy`));
  } else checks.push(...checkEnvFile(envFile, misspeltSettings(values, vendors)));
  if (patient === null) return report(checks, json, say);
  if (!json) console.error("asking each vendor …");
  const { config, catalog, midwatch } = patient;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const asked = await Promise.all([
    ...vendors.map((vendor) => checkVendor(vendor, patient, signal)),
    guarded("Skills", () => checkSkills(config, signal)),
    guarded("Slack responders", () => checkResponders(midwatch.surface, catalog, signal)),
    guarded("Sign-in", () => checkSignIn(config, oidcOf(config, { fetch: networkOf(config).fetch }))),
  ]);
  return report([...checks, ...asked.flat(), checkLinks(config)], json, say);
}

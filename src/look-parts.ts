import { analyseInTurns } from "./analysis/analyse.ts";
import { runbookFacts } from "./analysis/trouble.ts";
import type { Catalog } from "./catalog.ts";
import { type Config, withoutModel } from "./config.ts";
import { type Caller, callerOf } from "./guard/outgoing.ts";
import type { Redaction } from "./guard/redact.ts";
import type { SqlParser } from "./guard/sql-tree.ts";
import { Traffic } from "./guard/traffic.ts";
import { type Analysis, culpritOf } from "./incident/finding.ts";
import type { ChangeEvent } from "./incident/telemetry.ts";
import type { Trigger } from "./incident/trigger.ts";
import { type Clients, connectVendors, sourcesOf, type VendorFiles, warmVendors } from "./integrations/clients.ts";
import { githubWithin } from "./integrations/github/vendor.ts";
import type { Around, Calling, Vendor } from "./integrations/vendor.ts";
import { vendors as allVendors } from "./integrations/vendors.ts";
import type { Intake } from "./intake/intake.ts";
import { intakes as allIntakes } from "./intake/index.ts";
import { StillAsked } from "./investigation/asking.ts";
import type { LookDependencies } from "./investigation/look.ts";
import { pagedService, questionOf } from "./investigation/question.ts";
import { redactionOf } from "./redaction.ts";
import type { Library } from "./skills/library.ts";
import { matchRunbooks, type Runbook } from "./skills/runbook.ts";
import { joinLibraries, openSkillRepository, splitRepository } from "./skills/skill-repository.ts";

/*
 * What looking at an incident takes: the vendors' clients, what they are asked, the analysis, runbooks. A thread that does nothing else loads
 * this without the model's work, fixes and messages, which are the larger part.
 */

/** What looking takes of the host. */
export interface LookSurroundings extends Pick<Caller, "fetch" | "sleep" | "now" | "onCall" | "random" | "timeoutMs"> {
  readonly config: Config;
  readonly catalog: Catalog;
  /** Default: all of `integrations/vendors.ts`. */
  readonly vendors?: readonly Vendor[];
  /** Default: all of `intake/index.ts`. */
  readonly intakes?: readonly Intake[];
  /** Files of vendors that settings name, parsed. Default: none. */
  readonly files?: VendorFiles;
  /** Default: by the settings, without rules of the operator's. */
  readonly redaction?: Redaction;
  /** Read at each page, so a host may have them change. */
  readonly library: () => Pick<Library, "skills" | "runbooks">;
  /** What all calls to a vendor share, for all callers. Default: one of this midwatch's own. */
  readonly traffic?: Traffic;
  /** How long the model may keep one waiting, where the usual is not right. */
  readonly modelWaits?: Around["modelWaits"];
  /** Lets the web server breathe between pieces of reading and analysing. */
  readonly yieldNow: () => Promise<void>;
  /** Whether a call may go on when the step that made it has ended: then sources that are late need not be asked again. Default false. */
  readonly callsOutliveSteps?: boolean;
  /** PostgreSQL's parser, where the host has it; without, the model writes no SQL. */
  readonly parseSql?: SqlParser;
}

const callingOf = ({ traffic, ...surroundings }: LookSurroundings): Calling => ({
  ...callerOf(surroundings),
  traffic: traffic ?? trafficOf(surroundings),
});

/** What all calls of a host share, by its settings. */
export const trafficOf = ({ config, now, random }: Pick<LookSurroundings, "config" | "now" | "random">): Traffic =>
  new Traffic({ share: config.RATE_LIMIT_SHARE / 100, now, random });

/** Clients of all vendors that have their settings, each with its own credential alone. */
export function createClients(surroundings: LookSurroundings): Clients {
  const { config, catalog, vendors = allVendors, files = {}, yieldNow, parseSql, modelWaits } = surroundings;
  return connectVendors(vendors, config, files, {
    calling: callingOf(surroundings),
    catalog,
    yieldNow,
    ...(parseSql === undefined ? {} : { parseSql }),
    ...(modelWaits === undefined ? {} : { modelWaits }),
  });
}

/** Runbooks that fit a page and what its analysis blames. */
function runbooksFor(
  runbooks: readonly Runbook[],
  catalog: Catalog,
  trigger: Trigger,
  analysis: Analysis,
  changes: readonly ChangeEvent[],
): Runbook[] {
  const suspect = culpritOf(analysis);
  const paged = pagedService(catalog, trigger);
  return matchRunbooks(runbooks, {
    services: [paged, ...(suspect === null ? [] : [suspect.service])],
    title: trigger.title,
    details: trigger.details,
    fault: suspect?.fault ?? null,
    facts: runbookFacts(analysis, paged, { title: trigger.title, at: trigger.at }, changes),
    reasons: suspect?.reasons.flatMap(({ about, text, quote }) => [...(about ?? [text]), quote ?? ""]) ?? [],
  });
}

/** The team's repository of skills, read with the credential of the code's vendor and within that repository alone; null: there is none. */
export function teamSkills(config: Config, calling: Calling) {
  const { SKILLS_REPOSITORY: place } = config;
  const client = place === undefined ? null : githubWithin([splitRepository(place).repository], config, calling);
  return place === undefined || client === null ? null : openSkillRepository(client, place, calling.now ?? Date.now);
}

/** What a look is made of, and what the rest of midwatch shares with it. */
export interface LookParts {
  readonly clients: Clients;
  /** Clients whose answers are redacted under one incident's own labels. */
  readonly clientsFor: (incidentId: string) => Clients;
  readonly redaction: Redaction;
  /** The host's skills and runbooks with the team's own. */
  readonly library: () => Pick<Library, "skills" | "runbooks">;
  /** Runbooks that fit, best first. */
  readonly matching: (trigger: Trigger, analysis: Analysis, changes: readonly ChangeEvent[]) => Runbook[];
  readonly look: LookDependencies;
  /** Loads the heavy libraries, and what the first page needs of the team's skills. @param part `triage`: for a thread that does triage alone */
  warm(part: "all" | "triage"): Promise<void>;
}

/** Everything that a look takes, built from what the host gives. */
export function createLookParts(surroundings: LookSurroundings): LookParts {
  const { config, catalog, vendors = allVendors, intakes = allIntakes, yieldNow } = surroundings;
  const clients = createClients(surroundings);
  const redaction = surroundings.redaction ?? redactionOf(config, null, vendors, intakes);
  const team = teamSkills(config, callingOf(surroundings));
  const library = () => joinLibraries(surroundings.library(), team?.current() ?? null);
  const clientsFor = (incidentId: string) => clients.redacted(redaction.forIncident(incidentId));
  const asking = { catalog, withoutModel: withoutModel(config) };
  const matching: LookParts["matching"] = (trigger, analysis, changes) =>
    runbooksFor(library().runbooks, catalog, trigger, analysis, changes);
  return {
    ...{ clients, clientsFor, redaction, library, matching },
    look: {
      question: (trigger, windows) => questionOf(catalog, trigger, windows),
      calls: catalog.services.flatMap((service) =>
        service.calls.map((callee) => ({ from: service.name, to: catalog.find(callee)?.name ?? callee })),
      ),
      ...sourcesOf(vendors, clients, asking),
      sourcesFor: (incidentId) => sourcesOf(vendors, clientsFor(incidentId), asking).sources,
      takeHidden: (incidentId) => redaction.forIncident(incidentId).takeSealed(),
      analyse: (telemetry) => analyseInTurns(telemetry, yieldNow),
      yieldNow,
      ...(surroundings.callsOutliveSteps === true ? { stillAsked: new StillAsked() } : {}),
      runbooksFor: (trigger, analysis, changes) =>
        matching(trigger, analysis, changes).map(({ name, title, steps, doNot }) => ({
          ...{ name, title, steps },
          ...(doNot === undefined ? {} : { doNot }),
        })),
      rollbackOf: (service) => catalog.find(service)?.rollback ?? null,
    },
    async warm(part) {
      // The team's skills are read in the background.
      void team?.current();
      await warmVendors(vendors, clients, part);
    },
  };
}

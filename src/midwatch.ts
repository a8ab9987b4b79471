import type { Catalog } from "./catalog.ts";
import { secretValues, withoutModel } from "./config.ts";
import type { CiWaits } from "./fix/ci-watch.ts";
import type { CodeParser } from "./fix/code/code-tree.ts";
import { createFixer } from "./fix/fixer.ts";
import { placeIn, repositoryIn } from "./fix/in-catalog.ts";
import type { Redaction } from "./guard/redact.ts";
import { redactedRequest } from "./guard/redacted-client.ts";
import type { ModelRefusal } from "./incident/model-refusal.ts";
import { rulingOf } from "./incident/model-rule.ts";
import type { IncidentView } from "./incident/view.ts";
import type { Plan } from "./store/incident-store.ts";
import { toToolSchema } from "./integrations/anthropic/client.ts";
import { type Clients, impactSourcesOf, notesOf, respondersOf, toolsOf } from "./integrations/clients.ts";
import type { SlackClient } from "./integrations/slack/client.ts";
import { intakes as allIntakes } from "./intake/index.ts";
import { roles, vendors as allVendors } from "./integrations/vendors.ts";
import { type Agent, createAgent } from "./investigation/agent/agent.ts";
import type { AgentDependencies } from "./investigation/agent/agent-parts.ts";
import { DEFAULT_LIMITS, LIST_PRICES } from "./investigation/agent/budget.ts";
import type { Look } from "./investigation/look.ts";
import { pagedService } from "./investigation/question.ts";
import { createLookParts, type LookSurroundings, trafficOf } from "./look-parts.ts";
import { createPlan } from "./plan.ts";
import type { PlanDependencies } from "./plan-steps.ts";
import { runbookReading } from "./skills/runbook.ts";
import { skillIndex } from "./skills/skill.ts";
import { createSkillTools } from "./skills/tools.ts";
import type { ChartDependencies } from "./slack/chart-steps.ts";
import { createMessages } from "./slack/messages.ts";
import { replyMessage } from "./slack/reply.ts";
import { createPace, type PaceLimits } from "./slack/pace.ts";
import { createSpeaker } from "./slack/speaker.ts";
import { postmortemDocument } from "./web/postmortem-markdown.ts";

/** What both hosts give: everything here is built from it and from nothing else. */
export interface Surroundings extends LookSurroundings {
  /** How long CI is waited for, where the usual is not right. */
  readonly ciWaits?: CiWaits;
  /** How fast Slack is spoken to, where its own limits do not hold. */
  readonly slackLimits?: PaceLimits;
  /** Where triage reads and analyses, when not here. */
  readonly look?: Look;
  /** Looks of triage that begin with the first words, at once. Default 2. */
  readonly looksAhead?: number;
  /** Where people reach the pages, without a slash at the end; null when nobody but this machine can. */
  readonly publicUrl: string | null;
  /** An SVG as a PNG, where the host has it; without, Slack shows no charts. */
  readonly drawPng?: ChartDependencies["draw"];
  /** Hears what only who runs midwatch can change, each once. Default: nobody does. */
  readonly tellOperator?: (line: string) => void;
  /** Parsers of programs, where the host has them; without, a patch changes no program. */
  readonly parseCode?: CodeParser;
}

export interface Midwatch {
  readonly clients: Clients;
  /** Where people read and answer. */
  readonly surface: SlackClient;
  readonly plan: Plan;
  /** What the plan is made of, for a look at one incident outside of it. */
  readonly parts: PlanDependencies;
  /** Loads the heavy libraries, and what the first page needs of the team's skills, ahead of it. */
  warm(): Promise<void>;
}

/** The catalog's rule that leaves a page out; null: none does. */
function ruledOut(catalog: Catalog, { page, trigger }: IncidentView): ModelRefusal | null {
  const { modelRules } = catalog;
  if (page === null || trigger === null || modelRules === null) return null;
  const ruling = rulingOf(modelRules, { ...page, service: pagedService(catalog, trigger) });
  return ruling === null || ruling.rule.investigate ? null : { code: "rule", ...ruling, timeZone: modelRules.timeZone };
}

type AgentParts = Pick<AgentDependencies, "question" | "runbooks" | "skillIndex" | "tools" | "preparePatch" | "leftOut">;

/** The model's work, or null without a key. */
function agentOf({ config, publicUrl }: Surroundings, clients: Clients, redaction: Redaction, parts: AgentParts): Agent | null {
  const model = clients.of(roles.model);
  if (model === null) return null;
  const shared = {
    dollarsPerIncident: config.MIDWATCH_DOLLARS_PER_INCIDENT,
    dollarsPerHour: config.MIDWATCH_DOLLARS_PER_HOUR,
    dollarsPerDay: config.MIDWATCH_DOLLARS_PER_DAY,
  };
  return createAgent({
    ...parts,
    model: {
      call: (request, signal) => model.turn(redactedRequest(request, redaction), signal),
      name: config.MIDWATCH_MODEL,
      effort: config.MIDWATCH_EFFORT,
    },
    followUpModel: config.MIDWATCH_FOLLOW_UP_MODEL,
    toSchema: toToolSchema,
    limits: {
      ...DEFAULT_LIMITS,
      timeMs: config.MIDWATCH_MINUTES * 60_000,
      turns: config.MIDWATCH_TURNS,
      // No more is ever set aside for one than all may spend.
      dollars: Math.min(config.MIDWATCH_DOLLARS, ...Object.values(shared)),
    },
    shared,
    prices: { ...LIST_PRICES, ...config.MIDWATCH_PRICES },
    hosts: publicUrl === null ? [] : [new URL(publicUrl).hostname],
  });
}

/** Charts in Slack, where the host draws. */
function chartsOf(
  { drawPng: draw, tellOperator = () => undefined }: Surroundings,
  slack: SlackClient,
  redaction: Redaction,
): Pick<PlanDependencies, "charts"> {
  const told = new Set<string>();
  return draw === undefined
    ? {}
    : {
        charts: {
          ...{ slack, draw, redactedFor: (incidentId) => redaction.forIncident(incidentId).text },
          tellOperator: (line) => void (told.has(line) || (told.add(line), tellOperator(line))),
        },
      };
}

/** Everything that is the same on every host. */
export function createMidwatch(around: Surroundings): Midwatch {
  const surroundings = { ...around, traffic: around.traffic ?? trafficOf(around) };
  const { config, catalog, vendors = allVendors, intakes = allIntakes, publicUrl, now = Date.now } = surroundings;
  const looking = createLookParts(surroundings);
  const { clients, clientsFor, redaction, library, matching } = looking;
  const [surface, code] = [clients.of(roles.surface), clients.of(roles.code)];
  if (surface === null) throw new Error("there is no surface to speak on");
  const asking = { catalog, withoutModel: withoutModel(config) };
  const timelineUrl = (incidentId: string) => (publicUrl === null ? null : `${publicUrl}/incidents/${encodeURIComponent(incidentId)}`);
  const fixer = createFixer({
    github: code,
    placeOf: (service) => placeIn(catalog, service),
    repositoryOf: (named) => repositoryIn(catalog, named),
    timelineUrl,
    evidenceUrl: (incidentId, evidence) => (publicUrl === null ? null : `${timelineUrl(incidentId)}/evidence/${evidence}`),
    own: secretValues(config, vendors, intakes),
    ...(surroundings.parseCode === undefined ? {} : { parseCode: surroundings.parseCode }),
    redactedFor: (incidentId) => redaction.forIncident(incidentId).text,
    now,
  });
  const agent = agentOf(surroundings, clients, redaction, {
    question: looking.look.question,
    skillIndex: () => skillIndex(library().skills),
    runbooks: ({ trigger, analysis, triage }) =>
      trigger === null || analysis === null ? "" : runbookReading(matching(trigger, analysis, triage?.changes ?? [])),
    tools({ incidentId, view: { statusMessage: status } }) {
      const thread = async () => (status === null ? null : { channel: status.channel, threadTs: status.ts });
      return [...toolsOf(vendors, clientsFor(incidentId), { ...asking, thread }), ...createSkillTools(library)];
    },
    ...(code === null ? {} : { preparePatch: fixer.prepare }),
    leftOut: (view) => ruledOut(catalog, view),
  });
  const parts: PlanDependencies = {
    ...looking.look,
    serviceOf: (trigger) => pagedService(catalog, trigger),
    joining: {
      ...{ serviceOf: (trigger) => pagedService(catalog, trigger), environment: catalog.environment },
      ...(catalog.modelRules === null ? {} : { mayHaveModel: (view) => ruledOut(catalog, view) === null }),
    },
    ...(surroundings.look === undefined ? {} : { look: surroundings.look }),
    ...(surroundings.looksAhead === undefined ? {} : { looksAhead: surroundings.looksAhead }),
    speaker: createSpeaker(surface, (service) => catalog.slackChannel(service), redaction.message, {
      pace: createPace(surroundings.slackLimits),
      now,
    }),
    messages: {
      ...createMessages({ timelineUrl, withoutModel: withoutModel(config) }),
      reply: (reply, incidentId) => replyMessage(reply, timelineUrl(incidentId)),
    },
    ...(agent === null ? {} : { agent }),
    channels: { slack: surface, rule: catalog.incidentChannels, shared: catalog.channels },
    ...(catalog.services.some(({ impact }) => impact !== undefined)
      ? {
          impact: {
            serviceOf: (trigger) => pagedService(catalog, trigger),
            declaredFor: (service) => catalog.find(service)?.impact ?? {},
            sourcesFor: (incidentId) => impactSourcesOf(vendors, clientsFor(incidentId)),
          },
        }
      : {}),
    ...(catalog.incidentChannels.create
      ? {
          makeChannels: {
            ...{ slack: surface, responders: respondersOf(vendors, clients), pageOf: timelineUrl },
            redactedFor: (incidentId) => redaction.forIncident(incidentId).text,
          },
        }
      : {}),
    fixer,
    canvases: {
      slack: surface,
      pageOf: timelineUrl,
      draft: (id, log, at) => postmortemDocument({ id, log, origin: (timelineUrl(id) ?? "").replace(/\/incidents\/.*$/, ""), now: at }),
    },
    ...chartsOf(surroundings, surface, redaction),
    notes: {
      pagers: notesOf(vendors, clients),
      timelineUrl,
      redactedFor: (incidentId) => redaction.forIncident(incidentId).text,
    },
    ...(surroundings.ciWaits === undefined ? {} : { ciWaits: surroundings.ciWaits }),
  };
  return {
    clients,
    surface,
    plan: createPlan(parts),
    parts,
    warm: () => looking.warm("all"),
  };
}

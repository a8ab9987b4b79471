import { type IsTrusted, trustedWords } from "../../guard/untrusted.ts";
import type { LoggedEvent } from "../../incident/event.ts";
import type { IncidentView } from "../../incident/view.ts";
import { trustedTexts } from "../../incident/trusted-texts.ts";
import type { AgentDependencies } from "./agent-parts.ts";

/** The team's own words in what a model was given: runbooks that fit, and the skills and runbooks that it read. */
export const trustedOf = (deps: Pick<AgentDependencies, "runbooks">, log: readonly LoggedEvent[], view: IncidentView): IsTrusted =>
  trustedWords([deps.runbooks(view), ...trustedTexts(log)]);

import type { LoggedEvent } from "../../incident/event.ts";
import type { IncidentView } from "../../incident/view.ts";
import { trustedTexts } from "../../incident/trusted-texts.ts";
import type { AgentDependencies } from "./agent-parts.ts";

/** Texts of the team's own in what a model was given: runbooks that fit, and the skills and runbooks that it read. */
export const ownTextsOf = (
  deps: Pick<AgentDependencies, "runbooks">,
  log: readonly LoggedEvent[],
  view: IncidentView,
): readonly string[] => [deps.runbooks(view), ...trustedTexts(log)];

import { type IncidentView } from "../incident/view.ts";
import { changeMark, duration, quantity } from "./words.ts";
import { isEnded } from "../incident/fix.ts";
import { link, say, strong, time, type Words } from "./text.ts";

/** How an incident stands by a later reading, for people. */

const clock = (at: number) => time(at, "minute");
/** A page without a service has signals of none. */
const signalsOf = ({ trigger, analysis }: IncidentView) =>
  say`the signals of ${strong(analysis?.symptoms[0]?.service ?? trigger?.service?.name ?? "the service")}`;

/** In a few words, before the headline of the status message; none where it is as it was said. */
export function beliefHead({ belief }: IncidentView): Words {
  switch (belief?.state) {
    case "recovered":
      return say`${strong("Recovered")} ${clock(belief.since)}`;
    case "worse":
      return say`${strong("Getting worse")} since ${clock(belief.since)}`;
    case "second-fault":
      if (belief.isRest === true) return say`${strong("Partly recovered")}`;
      return say`${strong(belief.service === null ? "Trouble again" : "Second fault")} since ${clock(belief.since)}`;
    case "withdrawn":
      return say`${strong("Suspect withdrawn")}`;
    case "still-bad":
      return say`${strong("Not over")}`;
    default:
      return [];
  }
}

/** Above what was said of a change that was taken back since; else nothing. */
export const withdrawnNotice = ({ withdrawn }: IncidentView): Words =>
  withdrawn === null
    ? []
    : say`${strong("Withdrawn:")} the change to ${strong(withdrawn.service ?? "the suspect")} was rolled back at ${clock(withdrawn.since)}, with no clear improvement.`;

/** What that means for a pull request that is open; people close it. */
function withdrawnFix({ fix, fixChange }: IncidentView): Words {
  if (fix?.type === "fix-declined" && fix.shared !== undefined)
    return say` ${link(`#${fix.shared.number}`, fix.shared.url)} serves another incident too, and is not needed for this one.`;
  if (fix?.type !== "fix-proposed" || isEnded(fixChange?.what ?? null)) return [];
  const number = link(`#${fix.number}`, fix.url);
  return fix.kind === "revert"
    ? say` Draft ${number} reverts it: close it if you agree.`
    : say` Draft ${number} was written for that cause: close it if you agree.`;
}

/** In a sentence or two, for the thread. */
export function beliefWords(view: IncidentView): Words {
  const { belief, status } = view;
  switch (belief?.state) {
    case "recovered": {
      const { since, after } = belief;
      const mark = after === null ? null : (after.sha ?? after.version);
      const what = after === null ? null : mark === null ? after.title : changeMark(mark);
      const live = what !== null && (after?.kind === "rollback" ? say`the rollback to ${what}` : say`${what} went live`);
      const later = live !== false && after !== null && say`, ${duration(since - after.at)} after ${live}`;
      return say`${strong("Recovered:")} ${signalsOf(view)} have been back in their usual range since ${clock(since)}${later}.${status !== "resolved" && " The page is still open."}`;
    }
    case "worse": {
      const { level, since } = belief;
      const levels =
        level !== null &&
        say`: ${level.what} ${quantity(level.now, level.unit)}, was ${quantity(level.was, level.unit)} in the first reading`;
      return say`${strong("Getting worse")} since ${clock(since)}${levels}.`;
    }
    case "withdrawn": {
      const { since, asOf, service } = belief;
      return say`The change to ${strong(service ?? "the suspect")} was rolled back at ${clock(since)}, with no clear improvement in ${duration(asOf - since)}: it is withdrawn as the cause.${withdrawnFix(view)}`;
    }
    case "second-fault":
      if (belief.isRest === true)
        return say`${strong("Partly recovered:")} the rollback helped, but ${signalsOf(view)} are still out of their usual range and are not improving. The cause of the rest is not known.`;
      return belief.service === null
        ? say`${strong("Trouble again")} since ${clock(belief.since)}: ${signalsOf(view)} are out of their usual range. The cause is not known.`
        : say`${strong("Second fault")} since ${clock(belief.since)}: ${belief.undoneAt === null ? "the first one is over" : "the change that was blamed first was rolled back"}, and ${strong(belief.service)} is the likely cause of what is wrong now.`;
    case "still-bad":
      return say`Resolved in the pager at ${clock(belief.since)}, but ${signalsOf(view)} are still out of their usual range.`;
    default:
      return [];
  }
}

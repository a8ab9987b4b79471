import { type Command, onePositional } from "../command.ts";

export const investigateCommand: Command = {
  name: "investigate",
  summary: "Investigates a service of the catalog, or one PagerDuty incident, now and prints the finding. Posts nothing.",
  positionals: "SERVICE_OR_PAGERDUTY_ID",
  options: {},
  async run(args) {
    const { investigate } = await import("../investigate.ts");
    return investigate(onePositional(args, "name of a service, or id of a PagerDuty incident"));
  },
};

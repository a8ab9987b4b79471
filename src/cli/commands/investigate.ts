import { type Command, onePositional } from "../command.ts";

export const investigateCommand: Command = {
  name: "investigate",
  summary: "Investigates one PagerDuty incident now, as if its page had just come, and prints the finding.",
  positionals: "PAGERDUTY_ID",
  options: {},
  async run(args) {
    const { investigate } = await import("../investigate.ts");
    return investigate(onePositional(args, "id of a PagerDuty incident"));
  },
};

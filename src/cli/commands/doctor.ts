import { type Command, flag } from "../command.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "Checks settings, the catalog, every vendor's reachability and what each credential may read; one line each with what to do.",
  options: { json: { type: "boolean", about: "prints one JSON object" } },
  async run(args) {
    const { doctor } = await import("../doctor.ts");
    return doctor({ json: flag(args, "json") });
  },
};

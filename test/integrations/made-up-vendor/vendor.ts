import { z } from "zod";
import { outgoingFetch } from "../../../src/guard/outgoing.ts";
import { openGate, type Policy } from "../../../src/guard/policy.ts";
import { type Answer, answerOf } from "../../../src/incident/answer.ts";
import { defineTool } from "../../../src/incident/tool.ts";
import { ok } from "../../../src/integrations/doctor-check.ts";
import { readJson } from "../../../src/integrations/read-json.ts";
import { textSetting, urlSetting } from "../../../src/integrations/setting.ts";
import { type Calling, catalogPart, defineVendor } from "../../../src/integrations/vendor.ts";

/** A vendor of feature flags that there is none of: what a vendor's folder needs, and no more. */
const flipSchema = z.object({ flag: z.string(), project: z.string(), at: z.number(), by: z.string() });
type Flip = z.output<typeof flipSchema>;

const flagsPolicy: Policy = {
  vendor: "flags",
  setting: "FLAGS_URL",
  usual: "https://flags.example",
  rules: [{ method: "GET", path: "/flips", effect: "read", purpose: "flags that were flipped" }],
};

function createFlagsClient({ baseUrl, token, calling }: { baseUrl: string; token: string; calling: Calling }) {
  const send = outgoingFetch({ ...calling, vendor: "flags", gate: openGate(flagsPolicy, baseUrl) });
  return {
    async flips(signal: AbortSignal): Promise<Answer<Flip[]>> {
      const response = await send(`${baseUrl}/flips`, { headers: { authorization: `Bearer ${token}` }, signal });
      const asked = { vendor: "flags", what: "flips", refused: "Check FLAGS_TOKEN and FLAGS_URL." };
      return answerOf("Flags", { query: "flips", ...(await readJson(response, z.array(flipSchema), asked)) });
    },
  };
}

export const flags = defineVendor({
  id: "flags",
  title: "Flags",
  settings: {
    FLAGS_TOKEN: textSetting().describe("token of the made-up vendor"),
    FLAGS_URL: urlSetting().describe("default https://flags.example"),
  },
  secrets: ["FLAGS_TOKEN"],
  addresses: ["FLAGS_URL"],
  missing: ({ FLAGS_URL: url, FLAGS_TOKEN: token }) =>
    url !== undefined && token === undefined ? [{ setting: "FLAGS_TOKEN", because: "; FLAGS_URL is set" }] : [],
  catalog: catalogPart({
    key: "flags",
    schema: z.strictObject({ project: z.string() }),
    names: ({ project }) => ({ name: project }),
    keys: ({ project }) => [project],
  }),
  policies: [flagsPolicy],
  needs: "FLAGS_TOKEN",
  connect: ({ FLAGS_TOKEN: token, FLAGS_URL: baseUrl = "https://flags.example" }, { calling }) =>
    token === undefined ? null : createFlagsClient({ baseUrl, token, calling }),
  sources: (client) => [
    {
      name: "Flags",
      async ask(question, emit, signal) {
        const answer = await client.flips(signal);
        emit({
          answer,
          telemetry: (evidence) => ({
            events: answer.value.map(({ flag, project, at, by }) => ({
              ...{ at, source: "flags", service: question.nameOf(project), instance: null, severity: "info" },
              ...{ title: `${flag} was flipped`, text: `by ${by}`, tags: [], evidence },
            })),
          }),
        });
      },
    },
  ],
  tools: (client) => [
    defineTool({
      name: "flags_flips",
      source: "Flags",
      description: "Flags that were flipped.",
      input: z.object({}),
      async run(_input, { signal }) {
        const answer = await client.flips(signal);
        const words = answer.value.map(({ flag, by }) => `${flag} by ${by}`).join("\n");
        return { answers: [answer], fact: `${answer.value.length} flips`, view: () => words };
      },
    }),
  ],
  check: async (client, { signal }) => [ok("Flags", `${(await client.flips(signal)).value.length} flips can be read`)],
});

import { z } from "zod";
import { efforts } from "../../incident/model.ts";
import { guarded, ok } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { defineVendor } from "../vendor.ts";
import { createModel } from "./client.ts";
import { anthropicPolicy } from "./policy.ts";

const USUAL = "https://api.anthropic.com";
/** Longest wait of `doctor` for a first byte, ms: it ends before all checks do, so that it can say for itself what was too slow. */
const CHECK_MS = 15_000;

const modelName = (usual: string) => z.string().trim().min(1).default(usual);

/** The model that investigates. */
export const anthropic = defineVendor({
  id: "anthropic",
  title: "Model",
  settings: {
    ANTHROPIC_API_KEY: textSetting().describe("key of the Messages API; without it midwatch reports from the data alone"),
    ANTHROPIC_BASE_URL: urlSetting().describe(`default ${USUAL}`),
    MIDWATCH_MODEL: modelName("claude-opus-5-5").describe("model that investigates"),
    MIDWATCH_FOLLOW_UP_MODEL: modelName("claude-haiku-5-5").describe("model for short questions after the finding"),
    MIDWATCH_EFFORT: z
      .enum(efforts, { error: "must be one of the words that follow" })
      .default("medium")
      .describe("how hard the model thinks: low, medium, high, xhigh or max; a higher level costs more and takes longer"),
  },
  secrets: ["ANTHROPIC_API_KEY"],
  addresses: ["ANTHROPIC_BASE_URL"],
  policies: [anthropicPolicy],
  needs: "ANTHROPIC_API_KEY",
  connect: (
    { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl = USUAL, MIDWATCH_MODEL: model, MIDWATCH_EFFORT: effort },
    { calling, modelWaits },
  ) => (apiKey === undefined ? null : createModel({ ...calling, ...modelWaits, baseUrl, apiKey, model, effort })),
  warm: (client) => client.warm(),
  /** Counting tokens needs the same key, address and model as a turn, and costs nothing. */
  async check(_client, { config, fetch, signal }) {
    const { ANTHROPIC_API_KEY: apiKey = "", ANTHROPIC_BASE_URL: baseUrl = USUAL, MIDWATCH_EFFORT: effort } = config;
    const checks = await Promise.all(
      [...new Set([config.MIDWATCH_MODEL, config.MIDWATCH_FOLLOW_UP_MODEL])].map((model) =>
        guarded(`Model ${model}`, async () => {
          const client = createModel({ baseUrl, apiKey, model, effort, fetch, firstByteMs: CHECK_MS, retries: 0 });
          const question = { role: "user", content: [{ type: "text", text: "ready?" }] } as const;
          await client.countTokens({ system: "", tools: [], messages: [question] }, signal);
          return ok(`Model ${model}`, `this key can use it, effort ${effort}`);
        }),
      ),
    );
    return checks.flat();
  },
});

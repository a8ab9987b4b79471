import type { Policy } from "../../guard/policy.ts";

/** What the model is asked. Tokens are counted by `doctor`. */
export const anthropicPolicy: Policy = {
  vendor: "anthropic",
  setting: "ANTHROPIC_BASE_URL",
  usual: "https://api.anthropic.com",
  rules: [
    { method: "POST", path: "/v1/messages", effect: "read", purpose: "one turn of the model" },
    { method: "POST", path: "/v1/messages/count_tokens", effect: "read", purpose: "whether key and model work" },
  ],
};

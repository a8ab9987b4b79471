import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

/** What people find in Slack once the app is installed as its manifest says. */

const schema = z.object({
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean().default(false) }).optional(),
    shortcuts: z.array(z.object({ name: z.string(), type: z.enum(["message", "global"]), callback_id: z.string() })).default([]),
    slash_commands: z.array(z.object({ command: z.string(), usage_hint: z.string().default("") })).default([]),
  }),
});

export interface AppFeatures {
  /** In the menu of a message. */
  readonly shortcuts: readonly { readonly name: string; readonly callbackId: string }[];
  readonly hasHome: boolean;
  /** "/midwatch [status | …]" */
  readonly commands: readonly string[];
}

/** Of the manifest in this repository. */
export function appFeatures(): AppFeatures {
  const text = readFileSync(new URL("../../../docs/slack-manifest.yaml", import.meta.url), "utf8");
  const { features } = schema.parse(parse(text));
  return {
    shortcuts: features.shortcuts
      .filter(({ type }) => type === "message")
      .map(({ name, callback_id: callbackId }) => ({ name, callbackId })),
    hasHome: features.app_home?.home_tab_enabled === true,
    commands: features.slash_commands.map(({ command, usage_hint: hint }) => `${command} ${hint}`.trim()),
  };
}

import { misspeltSettings } from "../config.ts";

/** Settings of what only a process of its own has: a port, files, a connection that lasts. */
export const WITHOUT_EFFECT = [
  ...["PORT", "HOST", "DATABASE_PATH", "CATALOG_PATH", "SKILLS_PATH", "MCP_SERVERS_PATH", "MEMORY_MB", "LOG_FORMAT"],
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "SLACK_APP_TOKEN"],
] as const;

/** Without it Slack's signing secret is missing where it is, instead of no event ever being accepted. */
const LEFT_OUT = "SLACK_APP_TOKEN" satisfies (typeof WITHOUT_EFFECT)[number];

/**
 * Settings as their schema takes them, which is text. `[vars]` of wrangler.toml may also hold what TOML writes without quotes (`PROXY_LOGIN = true`)
 * and tables. Bindings of another kind stay as they are.
 */
export function settingTexts(env: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const text = (value: unknown): unknown => {
    if (typeof value === "boolean" || typeof value === "number") return String(value);
    const isData =
      Array.isArray(value) || (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype);
    return isData ? JSON.stringify(value) : value;
  };
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => name !== LEFT_OUT)
      .map(([name, value]) => [name, text(value)]),
  );
}

/** What an operator should look at though the Worker answers: settings that do nothing here, and names that are likely a slip. One line each. */
export function settingSlips(env: Readonly<Record<string, unknown>>): readonly string[] {
  const given = Object.fromEntries(Object.entries(settingTexts(env)).filter(([, value]) => typeof value === "string" && value !== ""));
  const idle = WITHOUT_EFFECT.filter((name) => (name === LEFT_OUT ? (env[name] ?? "") !== "" : name in given));
  return [...idle.map((name) => `${name} is set, but has no effect on Workers.`), ...misspeltSettings(given)];
}

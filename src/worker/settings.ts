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
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, text(value)]));
}

import { z } from "zod";

/** Forms of settings that several parts of midwatch share. */

/** A text that may be missing, without blanks around it. */
export const textSetting = () => z.string().trim().min(1).optional();

/** Names of headers. Source: RFC 9110, section 5.6.2. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** "name=value,name=value", values percent-encoded, as OpenTelemetry's own setting has them; null where it is not. */
export function headersIn(text: string): [string, string][] | null {
  const headers: [string, string][] = [];
  for (const part of text.split(",").filter((one) => one.trim() !== "")) {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(0, at)).trim();
    try {
      const value = decodeURIComponent(part.slice(at + 1).trim());
      if (!HEADER_NAME.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) return null;
      headers.push([name, value]);
    } catch {
      return null;
    }
  }
  return headers;
}

/** Headers, as {@link headersIn} reads them. */
export const headersSetting = () =>
  z
    .string()
    .trim()
    .min(1)
    .refine((text) => headersIn(text) !== null, { error: "must be name=value with commas between, and write % as %25 in a value" })
    .optional();

/** An http(s) address without a slash at its end. It appears in links and errors, so it may hold no password. */
export const urlSetting = () =>
  z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .refine((address) => !URL.canParse(address) || new URL(address).username + new URL(address).password === "", {
      error: "must hold no user name or password",
    })
    .transform((address) => address.replace(/\/+$/, ""))
    .optional();

/** Values with commas between them. */
export const commaList = z.string().transform((list) =>
  list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

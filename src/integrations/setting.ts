import { z } from "zod";

/** Forms of settings that several parts of midwatch share. */

/** A text that may be missing, without blanks around it. */
export const textSetting = () => z.string().trim().min(1).optional();

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

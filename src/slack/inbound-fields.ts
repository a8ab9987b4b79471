import { z } from "zod";
import { plainText } from "../integrations/slack/mrkdwn.ts";

/** Fields that several bodies of Slack's have. */

export const text = z
  .string()
  .nullish()
  .catch(null)
  .transform((value) => (value === null || value === undefined || value === "" ? null : value));
export const id = z.string().regex(/^[A-Z][A-Z0-9]*$/);
export const ts = z.string().regex(/^\d+\.\d+$/);

/** Of a person whom Slack names beside their id only the id counts: names are looked up. */
export const withIds = (raw: string): string => plainText(raw.replaceAll(/<@([UW][A-Z0-9]+)\|[^<>]*>/g, "<@$1>"));

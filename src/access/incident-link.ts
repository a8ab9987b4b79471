import { z } from "zod";
import type { Sealer } from "./seal.ts";

const linkSchema = z.object({ incident: z.string(), by: z.string() });
export type IncidentLink = z.output<typeof linkSchema>;

/**
 * Links that show one incident for some minutes, to anyone who has them. midwatch hands them out in answers that Slack shows to the person who
 * asked and to nobody else; never in a message that others can read.
 */
export interface IncidentLinks {
  /** @param by Slack id of the person who asked */
  url(incident: string, by: string): Promise<string>;
}

export const LINK_PATH = "/link";

/** @param minutes how long the link can be opened */
export function createIncidentLinks(sealer: Sealer, publicUrl: string, minutes: number): IncidentLinks {
  return {
    url: async (incident, by) => `${publicUrl}${LINK_PATH}/${await sealer.seal("incident-link", { incident, by }, minutes * 60)}`,
  };
}

/** What a link shows; null for a forged one, or one that is over. */
export async function openIncidentLink(sealer: Sealer, token: string): Promise<IncidentLink | null> {
  return linkSchema.safeParse(await sealer.open("incident-link", token)).data ?? null;
}

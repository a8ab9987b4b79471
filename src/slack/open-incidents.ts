import type { IncidentLinks } from "../access/incident-link.ts";
import type { LoggedEvent } from "../incident/event.ts";
import { type IncidentView, viewOf } from "../incident/view.ts";
import type { IncidentStore } from "../store/incident-store.ts";

/** Incidents that are looked at, newest first. */
export const LOOKED_AT = 30;

export interface OpenIncident {
  readonly id: string;
  readonly title: string;
  readonly log: readonly LoggedEvent[];
  readonly view: IncidentView;
}

/** Open incidents that lead, newest first. */
export async function openIncidents(store: Pick<IncidentStore, "list" | "read">): Promise<readonly OpenIncident[]> {
  const { incidents } = await store.list({ limit: LOOKED_AT });
  const all = await Promise.all(
    incidents
      .filter(({ status }) => status !== "resolved")
      .map(async ({ id, title }) => {
        const log = await store.read(id);
        return { id, title, log, view: viewOf(log) };
      }),
  );
  return all.filter(({ view }) => view.joining.lead === null);
}

/** Where one person reads an incident; null: people do not reach the pages. @param user their Slack id */
export async function pageUrl(
  id: string,
  user: string,
  { links, publicUrl }: { readonly links: IncidentLinks | null; readonly publicUrl: string | null },
): Promise<string | null> {
  if (links !== null) return links.url(id, user);
  return publicUrl === null ? null : `${publicUrl}/incidents/${encodeURIComponent(id)}`;
}

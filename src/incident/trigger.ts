import { type Page, pagerName } from "./page.ts";

/** What starts an investigation: what it is about, since when, and what or who asked for it. */
export interface Trigger {
  readonly kind: "page" | "schedule" | "person";
  /** Id of the page or the schedule; of a person the name that people call them by. */
  readonly by: string;
  readonly title: string;
  /** More text about it, or "". Of a page it is text from outside. */
  readonly details: string;
  readonly service: { readonly id: string; readonly name: string } | null;
  /** When it was paged, due or asked, epoch milliseconds. */
  readonly at: number;
  /** The page that it is; null for the other kinds. */
  readonly page: Page | null;
}

export const pageTrigger = (page: Page): Trigger => ({
  ...{ kind: "page", by: page.id, title: page.title, details: page.details, service: page.service, at: page.createdAt, page },
});

/** What started it, for people: "PagerDuty #4821", "Scheduled check nightly", "Asked by Ana". */
export function triggerName(trigger: Trigger | null): string {
  if (trigger === null || trigger.page !== null) return pagerName(trigger?.page ?? null);
  return trigger.kind === "schedule" ? `Scheduled check ${trigger.by}` : `Asked by ${trigger.by}`;
}

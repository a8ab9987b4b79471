import { type Page, pagerName, pagerTitle } from "./page.ts";

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

/** Who or what started it, for people: "PagerDuty", "Scheduled check nightly", "Asked by Ana". */
export function starterName(trigger: Trigger | null): string {
  if (trigger === null || trigger.page !== null) return pagerTitle(trigger?.page ?? null);
  return trigger.kind === "schedule" ? `Scheduled check ${trigger.by}` : `Asked by ${trigger.by}`;
}

/** The same with the page's number: "PagerDuty #4821". */
export const triggerName = (trigger: Trigger | null): string => (trigger?.page == null ? starterName(trigger) : pagerName(trigger.page));

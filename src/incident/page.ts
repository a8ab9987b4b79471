/** A page as the pager knows it: an alert that called a person. */
export interface Page {
  /** Id of the pager: the name of its intake. */
  readonly pager: string;
  /** The pager as people call it. Missing in older logs, which are all of PagerDuty. */
  readonly pagerTitle?: string;
  /** The pager's own incident id, for example `PGR0VU2`. */
  readonly id: string;
  readonly number: number | null;
  readonly title: string;
  /** The alert's body as text, or "" where there is none (yet). Text from outside. */
  readonly details: string;
  readonly status: "triggered" | "acknowledged" | "resolved";
  readonly urgency: "high" | "low" | null;
  readonly priority: string | null;
  readonly createdAt: number;
  readonly service: { readonly id: string; readonly name: string } | null;
  readonly assignees: readonly { readonly id: string; readonly name: string }[];
  readonly link: string | null;
  /** By which the pager knows alerts of one monitor. Missing: it names none. */
  readonly alertKey?: string;
  /** The pager's id of the page that people have merged this one into. Missing: they have not, or the pager does not report it. */
  readonly mergedInto?: string;
}

/** The pager as people call it; null: only events without a page came. */
export const pagerTitle = (page: Pick<Page, "pagerTitle"> | null): string => (page === null ? "Pager" : (page.pagerTitle ?? "PagerDuty"));

/** The page by its pager and number: "PagerDuty #4821". */
export const pagerName = (page: Pick<Page, "pagerTitle" | "number"> | null): string =>
  page?.number == null ? pagerTitle(page) : `${pagerTitle(page)} #${page.number}`;

const MIDDLE_RANK = 3;

/**
 * How urgent a page is, 0 (most) to 5: the number that its priority has by name ("P1", "SEV-2"), less one; without one the urgency decides. Names of
 * priorities are the team's own, so only their numbers count.
 */
export function pageRank({ priority, urgency }: Pick<Page, "priority" | "urgency">): number {
  const number = /\d+/.exec(priority ?? "")?.[0];
  if (number !== undefined) return Math.min(5, Math.max(0, Number(number) - 1));
  return urgency === "low" ? MIDDLE_RANK + 1 : MIDDLE_RANK - (urgency === "high" ? 1 : 0);
}

/**
 * midwatch's id of a pager's incident: fit for URLs, branch names and Slack. Letters, digits and "-" stay; any other character becomes its
 * code in hex between underscores, so that two ids never share one.
 * @param prefix the pager's own ("pd" is PagerDuty's), so that two pagers never share one either
 */
export function incidentIdOf(pagerId: string, prefix: string): string {
  return `${prefix}-${pagerId.replaceAll(/[^A-Za-z0-9-]/gu, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`)}`;
}

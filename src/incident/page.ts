/** A page as the pager knows it: an alert that called a person. */
export interface Page {
  readonly pager: "pagerduty";
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
}

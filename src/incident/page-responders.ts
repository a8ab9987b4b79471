/** Who was paged, as one pager knows them. Every function throws IntegrationError. */
export interface PageResponders {
  /** Id of the pager: `Page.pager`. */
  readonly pager: string;
  /** The e-mail address of one of its users; null: it has none, or no such user. @param userId the pager's own */
  email(userId: string, signal: AbortSignal): Promise<string | null>;
}

/** Something that midwatch does only after a person's yes, exactly as it will be done. Plain JSON. */
export interface ApprovalRequest {
  /** Within its incident: "a1", "a2", … */
  readonly id: string;
  /** What would be done. One at a time waits of each: a new request takes the place of the one before. */
  readonly action: "open-fix" | "open-canvas" | "post-update";
  /** All that decides what happens. The incident is part of it. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** SHA-256 of the payload, 64 hex digits. A button carries it, so an old button releases nothing new. */
  readonly hash: string;
  /** The payload in one line, for people. Names in it come from outside. */
  readonly summary: string;
  readonly requester: string;
  /** Why a person is asked, for people. */
  readonly because: string;
  /** Epoch milliseconds; a press after that counts for nothing. */
  readonly expiresAt: number;
}

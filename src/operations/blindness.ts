import type { OutgoingCall } from "../guard/outgoing.ts";

/** One thing that midwatch may not see. */
export interface Blind {
  /** "webhooks", or the id of a vendor. */
  readonly what: string;
  /** The same as long as it is the same blindness: people hear of it once. */
  readonly key: string;
  /** For people: what is so, by which sign, and what to do. */
  readonly text: string;
}

export interface BlindnessOptions {
  readonly now: () => number;
  /** Longest silence of the pagers, hours; 0: any. */
  readonly afterHours: number;
  /** When a delivery last came before this start, epoch milliseconds; null: never. */
  readonly lastWebhookAt: number | null;
  /** Vendors with credentials: makes a few reads with each. What comes of the calls is heard by `called`. */
  readonly vendors: readonly { readonly id: string; readonly title: string; probe(): Promise<void> }[];
}

const HOUR_MS = 3_600_000;
/** Calls in a row that a vendor refuses before it is probed. */
const SUSPICIOUS = 3;

interface Answers {
  /** Refused in a row. */
  refused: number;
  status: number | null;
  /** Of the probe under way; null: none is. */
  probe: { answered: number; refused: number } | null;
}

const hours = (ms: number): string => `${Math.floor(ms / HOUR_MS)} h`;

/**
 * Whether midwatch hears its pagers and may read its vendors. A single refused call says little, for a credential may lack one right: a vendor
 * is blind when it refused every call of a probe and answered none.
 */
export class Blindness {
  readonly #options: BlindnessOptions;
  readonly #startedAt: number;
  readonly #answers = new Map<string, Answers>();
  readonly #blind = new Map<string, Blind>();
  #lastWebhookAt: number | null;

  constructor(options: BlindnessOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#lastWebhookAt = options.lastWebhookAt;
  }

  get lastWebhookAt(): number | null {
    return this.#lastWebhookAt;
  }

  /** A delivery came and was accepted. */
  heard(): void {
    this.#lastWebhookAt = this.#options.now();
  }

  called({ vendor, outcome, status }: OutgoingCall): void {
    if (outcome !== "answered" || status === null) return;
    const answers = this.#of(vendor);
    const isRefused = status === 401 || status === 403;
    if (isRefused) {
      answers.refused++;
      answers.status = status;
      if (answers.probe !== null) answers.probe.refused++;
    } else if (status < 400) {
      answers.refused = 0;
      if (answers.probe !== null) answers.probe.answered++;
      this.#blind.delete(vendor);
    }
  }

  /** Vendors that refused the newest calls: to be probed before their turn. */
  suspicious(): string[] {
    return [...this.#answers].filter(([id, { refused }]) => refused >= SUSPICIOUS && !this.#blind.has(id)).map(([id]) => id);
  }

  /** Makes a few reads at these vendors and judges them by the answers. */
  async probe(ids: readonly string[]): Promise<void> {
    await Promise.all(
      this.#options.vendors
        .filter(({ id }) => ids.includes(id))
        .map(async ({ id, title, probe }) => {
          const answers = this.#of(id);
          const counts = (answers.probe = { answered: 0, refused: 0 });
          // An error is heard as an answer, or says nothing of the credential.
          await probe().catch(() => undefined);
          answers.probe = null;
          answers.refused = 0;
          if (counts.answered > 0 || counts.refused === 0) return;
          if (this.#blind.has(id)) return;
          this.#blind.set(id, {
            what: id,
            key: `blind:${id}:${Math.floor(this.#options.now() / (24 * HOUR_MS))}`,
            text: `midwatch cannot read ${title}: it refused every call (${answers.status}). Is the credential expired or revoked? \`doctor\` names what is missing.`,
          });
        }),
    );
  }

  /** What midwatch may not see now. */
  now(): Blind[] {
    const { now, afterHours } = this.#options;
    const since = this.#lastWebhookAt ?? this.#startedAt;
    const silentMs = now() - since;
    const silent: Blind[] =
      afterHours > 0 && silentMs >= afterHours * HOUR_MS
        ? [
            {
              what: "webhooks",
              key: `blind:webhooks:${since}`,
              text: `midwatch may be blind: no webhook for ${hours(silentMs)}. If somebody has been paged since then, check the webhook in the pager. A test event from there ends this warning.`,
            },
          ]
        : [];
    return [...silent, ...this.#blind.values()];
  }

  /** Everything that can be blind, and whether it is. */
  states(): ReadonlyMap<string, boolean> {
    const blind = new Set(this.now().map(({ what }) => what));
    return new Map(["webhooks", ...this.#options.vendors.map(({ id }) => id)].map((what) => [what, blind.has(what)]));
  }

  #of(vendor: string): Answers {
    const known = this.#answers.get(vendor);
    if (known !== undefined) return known;
    const fresh: Answers = { refused: 0, status: null, probe: null };
    this.#answers.set(vendor, fresh);
    return fresh;
  }
}

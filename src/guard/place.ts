/** Something sensitive in a text. Offsets are UTF-16 code units, `end` is behind the last one. */
export interface Place {
  /** Of the label or the message: "github-token", "email". */
  readonly kind: string;
  /** A secret, of which nothing is kept; else personal data. */
  readonly secret: boolean;
  readonly start: number;
  readonly end: number;
  /** Known by the name of its field alone: elsewhere nothing says what it is. */
  readonly named?: true;
}

/** Whether something that looks sensitive may be in a text of this use. */
export type Allowance = (place: Place, text: string) => boolean;

/** The text with each place as `shown` makes it. @param places first to last, not overlapping */
export function replaced(text: string, places: readonly Place[], shown: (place: Place, value: string) => string): string {
  if (places.length === 0) return text;
  let clean = "";
  let at = 0;
  for (const place of places) {
    clean += text.slice(at, place.start) + shown(place, text.slice(place.start, place.end));
    at = place.end;
  }
  return clean + text.slice(at);
}

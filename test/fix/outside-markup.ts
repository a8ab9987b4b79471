/** What GitHub would make a mention, a reference or a link of. */
export const OUTSIDE_MARKUP = /@[A-Za-z0-9]|#\d|https?:\/\/|javascript:/;

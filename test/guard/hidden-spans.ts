const LABEL = /<[a-z][a-z0-9-]{0,39}(?::[bcdfghjkmnpqrstvwxyz]{8})?>/g;

/** Which parts of a text are not in it any more, by what it has become: [start, end) of each, first to last. */
export function hiddenSpans(before: string, after: string): readonly (readonly [number, number])[] {
  const spans: [number, number][] = [];
  let from = 0;
  let at = 0;
  const kept: string[] = [];
  for (const match of after.matchAll(LABEL)) {
    const between = after.slice(from, match.index);
    const begins = kept.length === 0 ? 0 : before.indexOf(between, at + 1);
    const ends = begins + between.length;
    // Elements of XML look like labels.
    if (before.startsWith(match[0], ends)) continue;
    if (kept.length > 0) spans.push([at, begins]);
    kept.push(between);
    from = match.index + match[0].length;
    at = ends;
  }
  if (kept.length > 0) spans.push([at, before.length - (after.length - from)]);
  return spans;
}

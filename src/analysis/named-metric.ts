/** A name is whole: `http.errors` is not named by `http.errors.rate`, nor by `my_http.errors`. */
const NAME_BEFORE = /[\w.]$/;
const NAME_AFTER = /^(?:\w|\.\w)/;
/** "latency" alone is a word of any page; a name of two parts is written by who set the monitor up. */
const IS_COMPOUND = /[a-z0-9][._][a-z0-9]/i;
const LONGEST_PAGE = 4000;

/** Which metrics a page's text names, each by its whole name as a monitor writes it; any letter case. */
export function metricsNamedIn(pageText: string): (metric: string) => boolean {
  const text = pageText.slice(0, LONGEST_PAGE).toLowerCase();
  return (metric) => {
    const name = metric.toLowerCase();
    if (!IS_COMPOUND.test(name)) return false;
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      if (!NAME_BEFORE.test(text.slice(0, at)) && !NAME_AFTER.test(text.slice(at + name.length))) return true;
    return false;
  };
}

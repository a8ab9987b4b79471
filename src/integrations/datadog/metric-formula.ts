/** One metric with its aggregation, tags, grouping and functions, as a monitor's query has them. */
const TERM =
  /\b(?:avg|sum|min|max|count|last|p\d{2})(?:\([^()]*\))?:[A-Za-z][\w.]*\{[^{}]*\}(?:\s*by\s*\{[^{}]*\})?(?:\.(?!\d)\w+\([^()]*\))*/g;
/** What is left of arithmetic once its terms are names. */
const ARITHMETIC = /^[\w\s+*/().,-]*$/;

const OPERATOR = /[+*/]|\s-\s/;

/** A query as the API takes it: one metric a query, arithmetic over their names. */
export interface MetricFormula {
  readonly formula: string;
  readonly queries: readonly { readonly name: string; readonly query: string }[];
}

/**
 * "sum:errors{*} / sum:hits{*}" is two queries and a formula; a query of one metric is itself.
 * @param name of the query, also the beginning of the names of its terms
 */
export function metricFormula(query: string, name: string): MetricFormula {
  const queries: { name: string; query: string }[] = [];
  const formula = query.replaceAll(TERM, (term) => {
    const known = queries.find((one) => one.query === term);
    if (known !== undefined) return known.name;
    const own = `${name}t${queries.length}`;
    queries.push({ name: own, query: term });
    return own;
  });
  // A function around one metric is part of its query.
  const isOne = queries.length === 0 || !ARITHMETIC.test(formula) || (queries.length === 1 && !OPERATOR.test(formula));
  return isOne ? { formula: name, queries: [{ name, query }] } : { formula, queries };
}

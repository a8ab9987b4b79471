import { expect, test } from "vitest";
import type { Question } from "../../../../src/incident/source.ts";
import { scopedSearch } from "../../../../src/integrations/datadog/tools/scope.ts";

const question = {
  service: "shop",
  services: [{ name: "shop", names: { datadog: { env: "prod" } } }],
  nameOf: (name: string) => name,
} as unknown as Question;
const scoped = (query: string) => scopedSearch(question, { service: "cart", query });

test.each(["a) OR (env:payroll", "a)) OR ((b", '"a" ) OR ( "b"', "*) OR (*", '"a', '"a\\") OR (b', "(a"])(
  "a search that would leave the page's environment is not sent: %s",
  (query) => {
    expect(() => scoped(query)).toThrow(/do not pair/);
  },
);

test.each(["(status:error OR status:warn) -@http.url:(a b)", '"call() failed :)"', "a\\) b\\(", '"say \\"hi\\" )"', "status:error"])(
  "any other stands between brackets: %s",
  (query) => {
    expect(scoped(query)).toBe(`env:prod service:cart (${query})`);
  },
);

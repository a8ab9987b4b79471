import { expect, test } from "vitest";
import { defanged } from "../../../src/guard/defang.ts";
import { plainLine } from "../../../src/investigation/check/plain.ts";

const clean = (text: string) => plainLine(text, 500, ["midwatch.acme.example"]);

test.each([
  "see https:/tel:/evil.example/x",
  "see https:/data:/evil.example/x",
  "https:/mailto:/evil.example",
  "[https:/](x)/evil.example",
  "ht<!x|>tps://evil.example",
  "https://midwatch.acme.example\\@evil.example/x",
  "https://midwatch.acme.example@evil.example/x",
  "https://midwatch.acme.example.evil.example/x",
  "https://midwatch.acme.example。evil.example/x",
  "w<!x|>ww.evil.example",
  "see //evil.example/x",
])("%s comes to no link to a host that nobody vouches for", (text) => {
  expect(clean(text)).not.toMatch(/:\/\/|www\./);
});

test.each(["@@here now", "@@@channel", "<<!channel", "<<<!subteam^S1>", "@<!here"])("%s calls nobody", (text) => {
  expect(clean(text)).not.toMatch(/@(?:here|channel)|<!/);
});

test("a link to midwatch's own pages stays; any other host, address or link can be read and not opened", () => {
  const own = "https://midwatch.acme.example/incidents/pd-Q1";
  expect(clean(`see ${own}, not https://evil.example.`)).toBe(`see ${own}, not \`evil[.]example\`.`);
  expect(clean("connections to api.vendor.com:443 timed out")).toBe("connections to `api[.]vendor[.]com:443` timed out");
  expect(clean("Open evil.sh/fix or wiki.evil.example:8443/a?b=c, ask vendor@evil.example")).toBe(
    "Open `evil[.]sh/fix` or `wiki[.]evil[.]example:8443/a?b=c`, ask `vendor@evil[.]example`",
  );
  expect(clean("[the page](https://evil.example/x) and <https://evil.example/y|that>")).toBe(
    "the page `evil[.]example/x` and that `evil[.]example/y`",
  );
  expect(clean("`GET http://10.0.0.7/pay` fails")).toBe("`GET 10[.]0[.]0[.]7/pay` fails");
  expect(defanged("GET http://10.0.0.7/pay answered 503", [], false)).toBe("GET 10[.]0[.]0[.]7/pay answered 503");
});

test.each([
  "See app.datadoghq.com/logs, src/cache.ts/x.ts, 2026-03-14 03:11, 10.0.0.12:5432, payments-7 and 1,140 5,000 lines",
  "trace.http.request.hits of orders.checkout, TokenCache.get (cache.ts:88), payments.svc.cluster.local, v2.14.0, e.g. node.js",
])("what is no address stays as it is: %s", (kept) => {
  expect(plainLine(kept, 500, ["app.datadoghq.com"])).toBe(kept);
});

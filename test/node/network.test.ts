import { describe, expect, test } from "vitest";
import { configSchema, parseConfig } from "../../src/config.ts";
import { isPublicAddress, type NetworkOptions, openNetwork } from "../../src/node/network.ts";
import { json, listen } from "../support/loopback.ts";

const config = (more: Record<string, string> = {}) =>
  parseConfig({
    PAGERDUTY_WEBHOOK_SECRET: "s-of-sixteen-and-more",
    SLACK_BOT_TOKEN: "xoxb-1-of-sixteen-and-more",
    SLACK_SIGNING_SECRET: "s-of-sixteen-and-more",
    ...more,
  });

const answering =
  (...answers: readonly (readonly string[])[]): NonNullable<NetworkOptions["resolve"]> =>
  (_host, _options, done) => {
    const [next = []] = answers;
    answers = answers.slice(1);
    done(
      null,
      next.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => ({}),
    (cause: unknown) => cause,
  );
  for (let at = error; at instanceof Error; at = at.cause) if ("code" in at) return String(at.code);
  return "none";
};

test.each([
  ["127.0.0.1", false],
  ["10.1.2.3", false],
  ["172.31.255.255", false],
  ["172.32.0.1", true],
  ["192.168.1.1", false],
  ["169.254.169.254", false],
  ["100.100.100.200", false],
  ["0.0.0.0", false],
  ["192.0.0.192", false],
  ["198.18.0.1", false],
  ["224.0.0.1", false],
  ["255.255.255.255", false],
  ["8.8.8.8", true],
  ["140.82.112.5", true],
  ["::1", false],
  ["::", false],
  ["fd00:ec2::254", false],
  ["fe80::1", false],
  ["::ffff:127.0.0.1", false],
  ["::ffff:7f00:1", false],
  ["64:ff9b::a9fe:a9fe", false],
  ["2002:7f00:1::", false],
  ["2001:0:4136:e378::1", false],
  ["2001:db8::1", false],
  ["3fff::1", false],
  ["2606:50c0:8000::153", true],
  ["localhost", false],
  ["", false],
])("%s is public: %s", (address, is) => expect(isPublicAddress(address)).toBe(is));

const addresses = Object.keys(configSchema.shape).filter((name) => /_(?:URL|ISSUER|DSN)$/.test(name) && name !== "PUBLIC_URL");

test.each(addresses)("the host that %s names may be anywhere, however its letters are cased", (name) => {
  const { lookup } = openNetwork({ config: { ...config(), [name]: "https://key@own.internal/1" }, resolve: answering(["10.0.0.1"]) });
  const got: unknown[] = [];
  lookup("Own.internal", { all: true }, (error, address) => void got.push(error?.message ?? address));
  expect(got).toEqual([[{ address: "10.0.0.1", family: 4 }]]);
});

describe("a host that no setting names", () => {
  test("is not connected to where its name leads inside, whichever of its addresses does", async () => {
    await using server = await listen((_request, response) => json(response, 200, {}));
    const { port } = new URL(server.url);
    for (const inside of [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["169.254.169.254"], []]) {
      const { fetch } = openNetwork({ config: config(), resolve: answering(inside) });
      expect(await codeOf(fetch(`http://api.vendor.example:${port}/`))).toBe("NOT_A_PUBLIC_ADDRESS");
    }
    expect(await codeOf(openNetwork({ config: config() }).fetch(`http://localhost:${port}/`))).toBe("NOT_A_PUBLIC_ADDRESS");
    expect(await codeOf(openNetwork({ config: config() }).fetch(server.url))).toBe("NOT_A_PUBLIC_ADDRESS");
    expect(await codeOf(openNetwork({ config: config() }).fetch(`http://[::ffff:127.0.0.1]:${port}/`))).toBe("NOT_A_PUBLIC_ADDRESS");
    expect(server.seen).toHaveLength(0);
  });

  test("is resolved once for a connection: the address that was judged is the one that is given to it", () => {
    const { lookup } = openNetwork({ config: config(), resolve: answering(["8.8.4.4"], ["127.0.0.1"]) });
    const got: unknown[] = [];
    const take = (error: Error | null, address: unknown) => void got.push(error?.message ?? address);
    lookup("api.vendor.example", { all: true }, take);
    lookup("api.vendor.example", { all: true }, take);
    expect(got).toEqual([[{ address: "8.8.4.4", family: 4 }], expect.stringContaining("not public")]);
  });
});

test("a host that a setting names is the operator's word, and so is a proxy for all calls", async () => {
  await using server = await listen((_request, response) => json(response, 200, {}));
  const { port } = new URL(server.url);
  const own = openNetwork({ config: config({ GITHUB_API_URL: `http://localhost:${port}/api/v3` }) });
  expect((await own.fetch(`http://localhost:${port}/`)).status).toBe(200);
  expect(await codeOf(own.fetch(server.url))).toBe("NOT_A_PUBLIC_ADDRESS");
  const named = openNetwork({ config: config(), named: [new URL(`http://localhost:${port}/mcp`)] });
  expect((await named.fetch(`http://localhost:${port}/mcp`)).status).toBe(200);
  expect(await codeOf(named.fetch(server.url))).toBe("NOT_A_PUBLIC_ADDRESS");
  expect((await openNetwork({ config: config(), proxied: true }).fetch(server.url)).status).toBe(200);
});

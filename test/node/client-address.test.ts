import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { clientAddress } from "../../src/node/client-address.ts";

/** What an app sees of a request that came from there. @param from an address of this machine's, or one that is put in its place */
async function addressIn(headers: Record<string, string>, from: string | null = null): Promise<string | null> {
  const app = new Hono().get("/", (c) => c.json(clientAddress(c)));
  const listening = Promise.withResolvers<number>();
  const server = serve(
    {
      fetch: (request, env) => {
        if (from !== null) Object.defineProperty(env.incoming.socket, "remoteAddress", { value: from });
        return app.fetch(request, env);
      },
      port: 0,
      hostname: "127.0.0.1",
    },
    ({ port }) => listening.resolve(port),
  );
  const response = await fetch(`http://127.0.0.1:${await listening.promise}/`, { headers });
  const seen = (await response.json()) as string | null;
  if ("closeAllConnections" in server) server.closeAllConnections();
  server.close();
  return seen;
}

test("a request is whose connection it is", async () => {
  expect(await addressIn({})).toBe("127.0.0.1");
  expect(await addressIn({}, "::ffff:198.51.100.7")).toBe("198.51.100.7");
});

test("behind a proxy on this machine it is whom the proxy added last, not who its client claims to be", async () => {
  expect(await addressIn({ "x-forwarded-for": "203.0.113.9, 198.51.100.7" })).toBe("198.51.100.7");
  expect(await addressIn({ "x-forwarded-for": "198.51.100.7" }, "::1")).toBe("198.51.100.7");
  expect(await addressIn({ "x-forwarded-for": `10.0.0.1, ${"9".repeat(200)}` })).toHaveLength(64);
  expect(await addressIn({ "x-forwarded-for": "" })).toBe("127.0.0.1");
});

test("from elsewhere nobody is believed", async () => {
  expect(await addressIn({ "x-forwarded-for": "198.51.100.7" }, "203.0.113.9")).toBe("203.0.113.9");
});

import { expect, test } from "vitest";
import { z } from "zod";
import { command } from "../support/command.ts";

const summarySchema = z.object({
  pages: z.array(
    z.object({
      incident: z.string(),
      service: z.string(),
      number: z.number(),
      lead: z.string().nullable(),
      investigated: z.boolean(),
      status: z.string(),
    }),
  ),
  threads: z.array(z.array(z.object({ text: z.string(), at: z.number() })).min(1)),
  pullRequests: z.array(z.string()),
});

test("an outage with twelve pages is one thread that names them all and ends; another fault beside it has its own", async () => {
  await using demo = command(["demo", "--storm", "--json"], {});
  const { code } = await demo.ended;
  expect([code, demo.stderr()]).toEqual([0, expect.stringContaining("All of it is made up")]);
  const { pages, threads, pullRequests } = summarySchema.parse(JSON.parse(demo.stdout()));
  const [first] = pages;
  const joined = pages.filter(({ lead }) => lead !== null);
  expect(pages).toHaveLength(14);
  expect(joined.map(({ lead }) => lead)).toEqual(Array.from({ length: 11 }, () => first?.incident));
  // One investigation of the outage, and one of each page that is apart.
  expect(pages.filter(({ investigated }) => investigated).map(({ service }) => service)).toEqual(["checkout", "search", "recommendations"]);

  expect(threads).toHaveLength(3);
  expect(threads.flat().length).toBeLessThanOrEqual(12);
  const [outage = [], search = [], blip = []] = threads;
  const list = outage.find(({ text }) => text.startsWith("*Joined: 11 pages*"))?.text ?? "";
  for (const { number, service } of joined)
    expect(list).toMatch(new RegExp(`(?:^|[ •])${service} (?:<[^>]*#\\d+> ?)*?<[^>]*#${number}>`, "m"));
  expect(outage[0]?.text).toMatch(/\*payments\*, deploy `7586e5c`/);
  expect(pullRequests).toEqual([expect.stringContaining("Revert payments 7586e5c")]);

  // Its end is said once, after the rollback of the twelfth minute had its effect.
  const ends = outage.filter(({ text }, index) => index > 0 && text.includes("*Recovered:*"));
  expect(ends.map(({ text }) => text)).toEqual([expect.stringMatching(/since \d\d:\d\d, .* after the rollback to 6d3508d/)]);
  expect(ends[0]?.at).toBeGreaterThan(11 * 60_000);
  expect(outage[0]?.text).toContain("*Recovered*");

  expect(search[0]?.text).toMatch(/\*Cause.*\*search-index\*/);
  expect(blip[0]?.text).toMatch(/^\*Resolved\*|^\*PagerDuty #\d+ resolved\*/);
  for (const { text } of [...search, ...blip])
    expect(text).not.toMatch(/Joined|suspect \(.*(?:payments|storefront|mobile-api)|rolled back/);
});

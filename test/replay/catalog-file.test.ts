import { expect, test } from "vitest";
import { parseCatalog } from "../../src/catalog.ts";
import { catalogText } from "../../src/replay/catalog-file.ts";
import { serviceId } from "../../src/replay/pagerduty/account.ts";
import { changedFile, commitRow, type RecordingFiles, secondsAt } from "../support/recording-folder.ts";
import { madeUp } from "../support/serving.ts";

const catalogOf = async (files: RecordingFiles, incident: Record<string, unknown>) => {
  const { recording } = await madeUp(files, incident);
  return parseCatalog(catalogText(recording, { repository: "acme/shop", slackChannel: "incidents" }));
};

test("every service that the recording names, with its names elsewhere and what it calls", async () => {
  const catalog = await catalogOf(
    { "changes.jsonl.gz": [{ kind: "flag", time: secondsAt("12:00:00"), service: "Flags: v2 #1", flag: "f", change: "on" }] },
    {
      services: ["shop", "Pay", "https://sqs.example/q:1", "- odd"],
      dependencies: [
        { from: "shop", to: "pay" },
        { from: "shop", to: "shop" },
        { from: "Pay", to: "bank" },
      ],
    },
  );
  expect(catalog.services.map(({ name }) => name)).toEqual(["shop", "Pay", "https://sqs.example/q:1", "- odd", "bank", "Flags: v2 #1"]);
  expect(catalog.find("shop")).toMatchObject({
    pagerduty: [serviceId("shop")],
    datadog: { service: "shop" },
    sentry: { project: "shop" },
    github: { repository: "acme/shop", path: "" },
    calls: ["Pay"],
  });
  expect(catalog.find(serviceId("Pay"))).toMatchObject({ name: "Pay", calls: ["bank"] });
  expect(catalog.slackChannel("shop")).toBe("incidents");
  expect(catalog.environment).toBe("production");
});

test("one query for each metric, told apart by the tags that its series have, with the unit of its name", async () => {
  const metrics = [
    ["time", "service", "instance", "metric", "value"],
    [secondsAt("12:00:00"), "shop", "shop-1", "CpuUsageRate(%)", 3],
    [secondsAt("12:00:00"), "shop", "", "requests", 3],
    [secondsAt("12:00:00"), "shop", "", "edge_p50_s{shop->pay,reporter=shop}", 3],
  ];
  const catalog = await catalogOf({ "metrics.csv.gz": metrics }, {});
  expect(catalog.signals).toEqual([
    { query: "avg:CpuUsageRate{*} by {service,pod_name}", unit: "percent" },
    { query: "avg:edge_p50_s{*} by {service,caller,callee,reporter}", unit: "second" },
    { query: "avg:requests{*} by {service}" },
  ]);
});

test("a service's folder in the repository, and the environment that was deployed to", async () => {
  const catalog = await catalogOf(
    {
      "changes.jsonl.gz": [{ kind: "deploy", time: secondsAt("12:00:00"), service: "pay", version: "1", environment: "live" }],
      "repository/commits.json": [
        commitRow(
          "a".repeat(40),
          ["services/pay/src/pay/a.ts", "services/pay/b.ts", "README.md"].map((path) => changedFile(path, null, "x")),
        ),
      ],
    },
    {},
  );
  expect(catalog.find("pay")?.names["github"]).toEqual({ repository: "acme/shop", path: "services/pay" });
  expect(catalog.find("shop")?.names["github"]?.["path"]).toBe("");
  expect(catalog.environment).toBe("live");
});

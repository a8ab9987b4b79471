import { expect, test } from "vitest";
import { buildCallGraph } from "../../src/analysis/call-graph.ts";

test("a client's view and a load balancer's host are the service they stand for", () => {
  const graph = buildCallGraph(
    ["StockSearch_AWS::ECS::Fargate", "StockSearch_client", "Serv-stock.eu-1.elb.example.com_remote", "api.partner.com_remote", "Shop"],
    [
      { from: "StockSearch_client", to: "StockSearch_AWS::ECS::Fargate" },
      { from: "Shop", to: "Serv-stock.eu-1.elb.example.com_remote" },
      { from: "Shop", to: "api.partner.com_remote" },
    ],
  );
  expect(graph.canonical("StockSearch_client")).toBe("StockSearch_AWS::ECS::Fargate");
  expect(graph.canonical("Serv-stock.eu-1.elb.example.com_remote")).toBe("StockSearch_AWS::ECS::Fargate");
  expect(graph.canonical("api.partner.com_remote")).toBe("api.partner.com_remote");
  expect(graph.callees.get("Shop")?.has("StockSearch_AWS::ECS::Fargate")).toBe(true);
});

test("a balancer whose name fits two services is neither", () => {
  const graph = buildCallGraph(["OrderRead", "OrderWrite", "svc-order.elb.example.com_remote"], []);
  expect(graph.canonical("svc-order.elb.example.com_remote")).toBe("svc-order.elb.example.com_remote");
});

test("distances end in a ring of calls", () => {
  const graph = buildCallGraph([], [
    { from: "a", to: "b" },
    { from: "b", to: "c" },
    { from: "c", to: "a" },
  ]); // prettier-ignore
  expect(Object.fromEntries(graph.distances("a"))).toEqual({ a: 0, b: 1, c: 2 });
});

import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import type { Series, Telemetry } from "../../src/incident/telemetry.ts";
import { empty, series, steady } from "./telemetry.ts";

const requests = (service: string) => series(service, "http.request.count", "traffic", null, steady(600));
const latency = (service: string) => series(service, "http.request.duration.p99", "latency", "second", steady(0.2));
const share = (service: string) => series(service, "http.error_ratio", "errors", "fraction", steady(0.001));

const told = (title: string, all: readonly Series[], calls: Telemetry["calls"] = []) => {
  const { verdict, because } = analyse({ ...empty, page: { ...empty.page, title }, services: ["shop", "stock-queue"], calls, series: all });
  return { verdict, because };
};

describe("no all-clear without what the page is about", () => {
  test.each(["k8s.container.restarts", "ProcessRestarts", "kube_deployment_status_replicas_unavailable"])(
    "%s does not show that no request fails",
    (metric) => {
      const restarts = series("shop", metric, "errors", null, steady(0));
      expect(told("Errors on shop", [requests("shop"), latency("shop"), restarts])).toEqual({
        verdict: "inconclusive",
        because: "No data on the errors of shop were read, so nothing shows that all is well",
      });
      expect(told("Errors on shop", [requests("shop"), latency("shop"), share("shop"), restarts]).verdict).toBe("nothing-wrong");
    },
  );

  test.each(["req.err", "HTTPCode_Target_5XX_Count", "http.server.errors"])(
    "%s that is never zero is not few where no requests were read",
    (metric) => {
      const failed = series("shop", metric, "errors", null, steady(600));
      const { verdict, because } = told("Error budget burn: shop", [latency("shop"), failed]);
      expect(verdict).toBe("inconclusive");
      expect(because).toContain("how many requests it gets was not read");
      const few = series("shop", metric, "errors", null, steady(0));
      expect(told("Error budget burn: shop", [latency("shop"), few]).verdict).toBe("nothing-wrong");
    },
  );

  test("a queue that is used, and of which no backlog was read, leaves a page open that names neither failures nor latency", () => {
    const calls = [{ from: "shop", to: "stock-queue" }];
    const own = [requests("shop"), latency("shop"), share("shop"), requests("stock-queue"), latency("stock-queue"), share("stock-queue")];
    expect(told("shop is unhealthy", own, calls)).toEqual({
      verdict: "inconclusive",
      because: "No data on how much waits in stock-queue were read, so nothing shows that all is well",
    });
    const backlog = series("stock-queue", "messaging.queue.messages", "saturation", "message", steady(20));
    expect(told("shop is unhealthy", [...own, backlog], calls).verdict).toBe("nothing-wrong");
    expect(told("Errors on shop", own, calls).verdict).toBe("nothing-wrong");
  });
});

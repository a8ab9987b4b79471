import { collectDefaultMetrics } from "prom-client";
import { createMetrics, type Metrics } from "../../operations/metrics.ts";

/** All figures, with those of this process. A module of its own, so that the library is loaded where somebody wants them. */
export const createProcessMetrics = (): Metrics => createMetrics((register) => collectDefaultMetrics({ register }));

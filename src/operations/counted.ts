import { AggregatorRegistry, type Registry } from "prom-client";
import { z } from "zod";

/**
 * What isolates have counted, as the library writes and adds it up. Gauges that are set when somebody asks are not part of it.
 */
const countedSchema = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.string(),
    aggregator: z.string(),
    values: z.array(
      z.object({ value: z.number(), labels: z.record(z.string(), z.union([z.string(), z.number()])), metricName: z.string().optional() }),
    ),
  }),
);

/** Of a figure that no sum makes sense of, the newest value counts. */
export const NEWEST = "first";

/** Adds up what two have counted. @param newer the one whose values count where there is no sum */
export function addCounted(newer: string, older: string | null): string {
  if (older === null) return newer;
  const both = [newer, older].map((text) => countedSchema.parse(JSON.parse(text)));
  return JSON.stringify(countedSchema.parse(AggregatorRegistry.aggregate(both).getMetricsAsArray()));
}

/** What a registry counted so far. */
export async function countedOf(registry: Registry): Promise<string> {
  const all = countedSchema.parse(await registry.getMetricsAsJSON());
  return JSON.stringify(all.filter(({ type, aggregator, values }) => values.length > 0 && (type !== "gauge" || aggregator === NEWEST)));
}

/** A registry's figures and what others have counted. */
export const withCounted = async (registry: Registry, elsewhere: string): Promise<Registry> =>
  AggregatorRegistry.aggregate([await registry.getMetricsAsJSON(), countedSchema.parse(JSON.parse(elsewhere))]);

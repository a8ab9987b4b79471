import { z } from "zod";

/*
 * The fields that midwatch uses of Datadog's answers; others pass by. Nothing is required that a recorded answer lacks, because the
 * published contract requires next to nothing, and one odd line must not cost the whole answer.
 */

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const text = z.string().nullish();
/*
 * What answers have a hundred thousand of is looked at where it is: for each member of an array or record zod makes an object, and a copy of the whole.
 */
type Fields = Record<string, unknown>;
const record = z.custom<Fields>((value) => typeof value === "object" && value !== null && !Array.isArray(value)).nullish();
const wholeList = <T>(is: (member: unknown) => boolean) => z.custom<T[]>((value) => Array.isArray(value) && value.every(is));
const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const tags = wholeList<string | null>((tag) => tag === null || isText(tag))
  .nullish()
  .transform((items) => (items ?? []).filter((tag) => tag !== null));
/** ISO 8601, or epoch milliseconds in some older answers. */
const instant = z.union([z.string(), z.number()]).nullish();

/** Cursor of the next page, and whether Datadog gave up before it had looked at everything. */
const meta = z
  .object({
    page: z.object({ after: text }).nullish(),
    status: text,
    warnings: z.array(z.object({ title: text, detail: text })).nullish(),
  })
  .nullish();

export const timeseriesSchema = z.object({
  data: z
    .object({
      attributes: z
        .object({
          series: list(
            z.object({
              group_tags: list(z.string()),
              query_index: z.number().nullish(),
              // A rate has two units ("byte", "second"); null stands for none.
              unit: z.array(z.object({ name: text }).nullable()).nullish(),
            }),
          ),
          times: wholeList<number>(isNumber)
            .nullish()
            .transform((times) => times ?? []),
          values: list(wholeList<number | null>((value) => value === null || isNumber(value))),
        })
        .nullish(),
    })
    .nullish(),
  errors: z.unknown().optional(),
});

export const activeMetricsSchema = z.object({ metrics: list(z.string()) });

export const logsSchema = z.object({
  data: list(
    z.object({
      id: text,
      attributes: z
        .object({ timestamp: instant, service: text, status: text, host: text, message: text, tags, attributes: record })
        .nullish(),
    }),
  ),
  meta,
});
export type VendorLog = z.output<typeof logsSchema>["data"][number];

export const spansSchema = z.object({
  data: list(
    z.object({
      id: text,
      attributes: z
        .object({
          trace_id: text,
          span_id: text,
          parent_id: text,
          service: text,
          resource_name: text,
          operation_name: text,
          host: text,
          start_timestamp: instant,
          end_timestamp: instant,
          status: text,
          error: z.unknown().optional(),
          tags,
          custom: record,
          attributes: record,
        })
        .nullish(),
    }),
  ),
  meta,
});
export type VendorSpan = z.output<typeof spansSchema>["data"][number];

/** A number, or one per time bucket. Counts of few records come as numbers in strings from some sites. */
const computed = z.union([
  z.number(),
  z.string(),
  z.null(),
  z.array(z.object({ time: z.string(), value: z.union([z.number(), z.string(), z.null()]).optional() })),
]);
const by = z.record(z.string(), z.unknown()).nullish();
const computes = z.record(z.string(), computed).nullish();

export const logCountsSchema = z.object({
  data: z.object({ buckets: list(z.object({ by, computes })) }).nullish(),
  meta,
});

export const spanCountsSchema = z.object({
  // The documentation says `computes`, recorded answers say `compute`.
  data: list(z.object({ attributes: z.object({ by, computes, compute: computes }).nullish() })),
  meta,
});

export const eventsSchema = z.object({
  data: list(
    z.object({
      id: text,
      attributes: z.object({ timestamp: instant, message: text, tags, attributes: record }).nullish(),
    }),
  ),
  meta,
});
export type VendorEvent = z.output<typeof eventsSchema>["data"][number];

export const monitorsSchema = z.array(
  z.object({
    id: z.number(),
    name: text,
    query: text,
    message: text,
    tags,
    overall_state: text,
    overall_state_modified: text,
  }),
);
export type VendorMonitor = z.output<typeof monitorsSchema>[number];

/** A catalog entity beside its definition, which may be of any schema version from 1 to 3. */
export const catalogSchema = z.object({
  data: list(
    z.object({
      id: text,
      attributes: z.object({ name: text, kind: text }).nullish(),
      relationships: z.object({ schema: z.object({ data: z.object({ id: text }).nullish() }).nullish() }).nullish(),
    }),
  ),
  included: list(z.object({ id: text, type: text, attributes: record })),
});
export type VendorCatalog = z.output<typeof catalogSchema>;

export const validSchema = z.object({ valid: z.boolean() });
/** For reads of which only the status matters. */
export const anySchema = z.unknown();

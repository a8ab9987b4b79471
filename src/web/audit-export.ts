import { z } from "zod";
import type { AuditEntry, IncidentAudit } from "../durable/audit.ts";
import { iso } from "./html.ts";

const count = z.number().int().nonnegative();

/** What the audit has of an incident: reads in sum, all else entry by entry. The whole of it: `midwatch audit export`. */
export const auditExportSchema = z.object({
  /** The store's newest entry. Kept elsewhere, it shows later whether anything up to it was changed or cut off. */
  head: z.object({ seq: count, hash: z.string() }).nullable(),
  reads: z.array(z.object({ vendor: z.string(), calls: count, failed: count, bytesIn: count })),
  entries: z.array(z.looseObject({ seq: count, at: z.iso.datetime().nullable(), step: z.string().nullable(), kind: z.string() })),
});

const toExported = ({ seq, at, step, record }: AuditEntry) => ({ seq, at: iso(at), step, ...record });

export const exportAudit = ({ head, reads, entries }: IncidentAudit): z.infer<typeof auditExportSchema> => ({
  head: head === null ? null : { ...head },
  reads: reads.map((one) => ({ ...one })),
  entries: entries.map(toExported),
});

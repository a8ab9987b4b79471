import { packText, unpackText } from "../store/gzip-parts.ts";
import type { TelemetryParts } from "../incident/source.ts";
import type { NumberedFact } from "./coverage-line.ts";

/** What is kept of one fact: all but the answer's own text, which the ledger has. */
interface KeptFact extends Omit<NumberedFact, "fact"> {
  readonly fact: Omit<NumberedFact["fact"], "telemetry" | "packed">;
  readonly telemetry: TelemetryParts;
}

/** What was read, as bytes for the store. */
export function packFacts(facts: readonly NumberedFact[]): Promise<readonly Uint8Array[]> {
  const kept = facts.map(({ fact, ...about }): KeptFact => {
    const { telemetry, packed: _packed, ...rest } = fact;
    return { ...about, fact: rest, telemetry: telemetry(about.evidence) };
  });
  return packText(JSON.stringify(kept));
}

/** The facts again. */
export async function unpackFacts(parts: readonly Uint8Array[]): Promise<readonly NumberedFact[]> {
  const kept = JSON.parse(await unpackText(parts)) as KeptFact[];
  return kept.map(({ fact, telemetry, ...about }) => ({
    ...about,
    fact: { ...fact, packed: null, telemetry: () => telemetry },
  }));
}

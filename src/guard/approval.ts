import type { ApprovalRequest } from "../incident/approval-request.ts";
import { canonicalJson } from "./canonical-json.ts";

/** How long a request waits for its answer, ms. */
export const APPROVAL_LIFE_MS = 24 * 3_600_000;

/** SHA-256 of a text, 64 hex digits. */
export async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Hash of what is to be done, by its content alone. */
export const payloadHash = (payload: ApprovalRequest["payload"]): Promise<string> => sha256(canonicalJson(payload));

/** A request for a person's yes to exactly this. @param earlier requests of this incident so far */
export async function requestApproval(
  about: Pick<ApprovalRequest, "action" | "payload" | "summary" | "because">,
  { earlier, now }: { readonly earlier: number; readonly now: number },
): Promise<ApprovalRequest> {
  return {
    id: `a${earlier + 1}`,
    ...about,
    hash: await payloadHash(about.payload),
    requester: "midwatch",
    expiresAt: now + APPROVAL_LIFE_MS,
  };
}

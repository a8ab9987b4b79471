import { gunzipSync } from "node:zlib";

/** What was packed into a file of the store, as far as it lies on one page. */
export function unpacked(bytes: Buffer): string {
  let text = "";
  for (let at = bytes.indexOf("\u001f\u008b\u0008", 0, "latin1"); at >= 0; at = bytes.indexOf("\u001f\u008b\u0008", at + 1, "latin1")) {
    try {
      text += gunzipSync(bytes.subarray(at), { finishFlush: 2 }).toString("utf8");
    } catch {
      // Its rest lies on another page of the file.
    }
  }
  return text;
}

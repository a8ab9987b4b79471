/** A page as a person reads it who sees no colours: one block a line, what is folded left out but for its head. */
export const asText = (markup: string): string =>
  markup
    .replace(/^[\s\S]*?<main/, "<main")
    .replaceAll(/<(script|style|svg|template)\b[\s\S]*?<\/\1>/g, "")
    .replaceAll(/<details(?![^>]*\bopen\b)[^>]*>\s*<summary[^>]*>([\s\S]*?)<\/summary>[\s\S]*?<\/details>/g, "\n[folded: $1]\n")
    .replaceAll(/<\/(?:p|li|h[1-6]|div|section|summary|tr|dt|dd|nav|header|footer)>|<br\s*\/?>/g, "\n")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/[ \t\u00a0]+/g, " ")
    .replaceAll(/ ?\n\s*/g, "\n")
    .trim();

/** What a reader reads of a page: markup gone, spaces as a browser collapses them. */
export const readable = (markup: string) =>
  markup
    .replace(/<(?:script|style)[\s\S]*?<\/(?:script|style)>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replace(/[\s\u00a0]+/g, " ")
    .replace(/ (?=[,.:;])/g, "");

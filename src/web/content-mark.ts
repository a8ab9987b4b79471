/** Short name of a text's content, so that a changed asset has a new address. FNV-1a, 32 bits. */
export function contentMark(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** Texts within plain data, each by the name of its field. */

/** What walking through data is done with. */
interface Walk {
  /** What becomes of a text, by the field that it is in. */
  readonly onText: (text: string, key: string | null) => string;
  /** Fields that stay as they are. */
  readonly passes: (key: string) => boolean;
  /** Whether a number in a field is to be hidden: only the field's name says that it is a card's, or a code. */
  readonly hidesNumber: (key: string, value: number) => boolean;
  /** Whether nothing in the name of a field is to be hidden. */
  readonly isCleanName: (name: string) => boolean;
}

const isPlainObject = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

function walkArray(value: readonly unknown[], by: Walk, key: string | null): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < value.length; index++) {
    const after = walk(value[index], by, key);
    if (after !== value[index]) (copy ??= [...value])[index] = after;
  }
  return copy ?? value;
}

function walkFields(value: Readonly<Record<string, unknown>>, by: Walk): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | null = null;
  for (const name of Object.keys(value)) {
    if (by.passes(name)) continue;
    const after = walk(value[name], by, name);
    if (after !== value[name]) (copy ??= { ...value })[name] = after;
    if (by.isCleanName(name)) continue;
    copy ??= { ...value };
    delete copy[name];
    const shown = by.onText(name, null);
    let free = shown;
    for (let number = 2; Object.hasOwn(copy, free); number++) free = `${shown} ${number}`;
    copy[free] = after;
  }
  return copy ?? value;
}

/** Plain data with every text as `onText` makes it. Objects of which nothing changes come back as they are. */
export function walk(value: unknown, by: Walk, key: string | null = null): unknown {
  if (typeof value === "string") return by.onText(value, key);
  if (typeof value === "number") return key !== null && by.hidesNumber(key, value) ? by.onText(String(value), key) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return walkArray(value, by, key);
  return isPlainObject(value) ? walkFields(value as Readonly<Record<string, unknown>>, by) : value;
}

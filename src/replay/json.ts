/** A JSON object of which nothing is known yet. */
export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
/** The objects of a list; none where the value is no list. */
export const objectsIn = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
/** A field's text; "" where the value is no object or the field no text. */
export const textIn = (value: unknown, key: string): string => (isObject(value) && typeof value[key] === "string" ? value[key] : "");

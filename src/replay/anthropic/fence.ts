/** What is between the marks of a text that was read from outside; the text itself where it has none. */
export const unfenced = (text: string): string => /^<data (\w+)>\n([\s\S]*)\n<\/data \1>$/.exec(text)?.[2] ?? text;

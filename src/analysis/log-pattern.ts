/** Characters of a line that are read; the rest of a huge line counts as one variable. */
export const LINE_LIMIT = 4096;

/** Groups log lines that come from one statement. */
export interface PatternMiner {
  /** Number of the line's group; equal groups may be joined later, see {@link PatternMiner.resolve}. */
  readonly add: (line: string) => number;
  /** The group that a number stands for now. */
  readonly resolve: (id: number) => number;
  /** The group's template, variables as `<*>`. */
  readonly template: (id: number) => string;
}

const VARIABLE = "<*>";
const WORD = /[A-Za-z0-9_$./\\@~%+#\-*\u0080-\uffff]/;

/** A miner with one fixed setting for all systems. */
export function createPatternMiner(): PatternMiner {
  const ids = new Map<string, number>();
  const templates: string[] = [];
  return {
    add(line) {
      const template = maskLine(line);
      let id = ids.get(template);
      if (id === undefined) {
        id = ids.size;
        ids.set(template, id);
        templates.push(template);
      }
      return id;
    },
    resolve: (id) => id,
    template: (id) => templates[id] ?? "",
  };
}

function maskLine(line: string): string {
  const out: string[] = [];
  const end = Math.min(line.length, LINE_LIMIT);
  let lastVariable = false;
  let depth = 0;
  let index = 0;
  const nested = isBalanced(line, end);
  while (index < end) {
    const char = line[index] ?? "";
    if (char <= " ") {
      index += 1;
      continue;
    }
    if (!WORD.test(char)) {
      if ("([{<".includes(char)) depth += 1;
      else if (")]}>".includes(char)) depth = Math.max(0, depth - 1);
      if (!lastVariable && (!nested || depth < 2)) out.push(char);
      index += 1;
      continue;
    }
    const start = index;
    let digit = false;
    while (index < end && WORD.test(line[index] ?? "")) {
      const code = line.charCodeAt(index);
      if (code >= 48 && code <= 57) digit = true;
      index += 1;
    }
    const word = line.slice(start, index);
    const location = out.length === 0 && /^[A-Za-z][\w.$]*#\d+$/.test(word);
    if (!location && (digit || (nested && depth >= 2) || (word.length > 1 && word.includes("/")))) {
      if (!lastVariable) out.push(VARIABLE);
      lastVariable = true;
    } else {
      out.push(word);
      lastVariable = false;
    }
  }
  return out.join(" ");
}

/** Whether every bracket has its partner; only then what is nested two deep is taken for printed data. */
function isBalanced(line: string, end: number): boolean {
  let open = 0;
  for (let index = 0; index < end; index += 1) {
    const char = line[index] ?? "";
    if ("([{<".includes(char)) open += 1;
    else if (")]}>".includes(char)) {
      open -= 1;
      if (open < 0) return false;
    }
  }
  return open === 0;
}

import type { CodeNode } from "./code-tree.ts";

/** What a program does, read out of its tree in the same terms for every language: calls, names, settings, imports. */

export interface CodeFact {
  readonly kind: "call" | "name" | "setting" | "import" | "shell";
  /** Of a call or name: its dotted path ("os.environ.get"); of a setting: its key; of an import: the module. */
  readonly path: string;
  /** Of a call: its arguments; of a setting: its value. */
  readonly parts: readonly CodeNode[];
  readonly node: CodeNode;
}

const childrenOf = (node: CodeNode): readonly CodeNode[] => node.namedChildren.filter((child) => child !== null);
const field = (node: CodeNode, ...names: readonly string[]): CodeNode | null => {
  for (const name of names) {
    const found = node.childForFieldName(name);
    if (found !== null) return found;
  }
  return null;
};

const members = new Set([
  ...["member_expression", "attribute", "selector_expression", "field_access", "field_expression", "member_access_expression"],
  ...[
    "scoped_identifier",
    "scope_resolution",
    "qualified_name",
    "qualified_identifier",
    "scoped_type_identifier",
    "class_constant_access_expression",
  ],
]);
const subscripts = new Set([
  "subscript_expression",
  "subscript",
  "index_expression",
  "element_reference",
  "element_access_expression",
  "array_access",
]);
const calls = new Set([
  ...["call_expression", "call", "method_invocation", "invocation_expression", "function_call_expression", "member_call_expression"],
  ...["scoped_call_expression", "new_expression", "object_creation_expression", "macro_invocation", "command_call", "method_call"],
]);
const wrappers = new Set([
  ...[
    "parenthesized_expression",
    "await_expression",
    "await",
    "non_null_expression",
    "as_expression",
    "satisfies_expression",
    "unary_expression",
  ],
  ...[
    "expression_statement",
    "argument",
    "literal_element",
    "try_expression",
    "reference_expression",
    "parenthesized_statements",
    "spread_element",
  ],
]);
const strings = /string|char_literal|heredoc_body|simple_symbol|^raw_text$|^word$|concatenation/;
const UNKNOWN = "\u0000";

/** A text as the program will have it, as far as its tree says so: strings that are joined are one. What is not known is a NUL. */
export function foldedText(node: CodeNode, depth = 0): string {
  if (depth > 40) return UNKNOWN;
  if (wrappers.has(node.type))
    return childrenOf(node)
      .map((child) => foldedText(child, depth + 1))
      .join("");
  if (
    node.type === "template_string" ||
    node.type === "interpolated_string_expression" ||
    (strings.test(node.type) && childrenOf(node).length > 0)
  )
    return childrenOf(node)
      .map((child) => (/substitution|interpolation|expansion/.test(child.type) ? UNKNOWN : foldedText(child, depth + 1)))
      .join("");
  if (/fragment|string_content|escape_sequence|interpreted_string_literal_content/.test(node.type)) return node.text;
  if (strings.test(node.type)) return node.text.replace(/^:|^[bruf@$]{0,2}(["'`]{1,3})|(["'`]{1,3})$/gi, "");
  if (/^binary/.test(node.type))
    return childrenOf(node)
      .map((child) => foldedText(child, depth + 1))
      .join("");
  return UNKNOWN;
}

const isConstant = (node: CodeNode): boolean => {
  const text = foldedText(node);
  return text !== "" && !text.includes(UNKNOWN);
};

/** `a?.b["c"]` as "a.b.c"; what is no name is "[]", and a call on the way "()". */
export function pathOf(node: CodeNode, depth = 0): string {
  if (depth > 40) return "[]";
  if (members.has(node.type)) {
    const own = childrenOf(node);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined || first === last) return node.text.replaceAll(/\s/g, "");
    return `${pathOf(first, depth + 1)}.${last.text}`;
  }
  if (subscripts.has(node.type)) {
    const [object, index] = childrenOf(node);
    if (object === undefined) return "[]";
    const inner = index?.type === "bracketed_argument_list" ? childrenOf(index)[0] : index;
    return `${pathOf(object, depth + 1)}.${inner !== undefined && isConstant(inner) ? foldedText(inner) : "[]"}`;
  }
  if (calls.has(node.type)) return `${calleeOf(node, depth + 1)}()`;
  if (node.type === "sequence_expression") return pathOf(childrenOf(node).at(-1) ?? node, depth + 1);
  if (wrappers.has(node.type)) {
    const [inner] = childrenOf(node);
    return inner === undefined ? "[]" : pathOf(inner, depth + 1);
  }
  const text = node.text.length > 200 ? "" : node.text.replaceAll(/\s/g, "");
  return /^[\w$@]+$/.test(text)
    ? text
    : /^[\w$@\\]+(?:(?:::|->|\?\.|\.|\\)[\w$@]+)*$/.test(text)
      ? text.replaceAll(/::|->|\?\.|\\/g, ".")
      : "[]";
}

function calleeOf(node: CodeNode, depth = 0): string {
  const receiver = field(node, "receiver", "object", "scope");
  const name = field(node, "function", "method", "name", "constructor", "type", "macro") ?? childrenOf(node)[0] ?? null;
  if (name === null || depth > 40) return "[]";
  const own = pathOf(name, depth + 1);
  return receiver === null ? own : `${pathOf(receiver, depth + 1)}.${own}`;
}

function argumentsOf(node: CodeNode): readonly CodeNode[] {
  const list = field(node, "arguments", "argument_list") ?? childrenOf(node).find(({ type }) => /argument|token_tree/.test(type)) ?? null;
  return list === null ? [] : childrenOf(list);
}

const pairs = new Set([
  ...["pair", "keyword_argument", "keyed_element", "assignment_expression", "assignment", "assignment_statement", "variable_assignment"],
  ...[
    "field_initializer",
    "array_element_initializer",
    "named_argument",
    "hash_pair",
    "augmented_assignment",
    "init_declarator",
    "pair_pattern",
  ],
]);

function settingOf(node: CodeNode): CodeFact | null {
  const own = childrenOf(node);
  const key = field(node, "key", "name", "left") ?? own[0] ?? null;
  const value = field(node, "value", "right") ?? own.at(-1) ?? null;
  if (key === null || value === null || key === value) return null;
  const path = isConstant(key) ? foldedText(key) : pathOf(key);
  return { kind: "setting", path, parts: [value], node };
}

const imports = new Set([
  ...["import_statement", "import_from_statement", "import_spec", "import_declaration", "use_declaration", "using_directive"],
  ...["namespace_use_declaration", "preproc_include", "export_statement"],
]);

function importsOf(node: CodeNode): readonly CodeFact[] {
  const fact = (path: string): CodeFact => ({ kind: "import", path: path.replaceAll("::", ".").replaceAll(/\s/g, ""), parts: [], node });
  const source = field(node, "source", "path");
  if (source !== null) return [fact(isConstant(source) ? foldedText(source) : pathOf(source))];
  if (node.type === "export_statement") return [];
  if (node.type === "import_from_statement") {
    const module = field(node, "module_name");
    const names = childrenOf(node).filter((child) => child.id !== module?.id);
    return [fact(module?.text ?? ""), ...names.map((name) => fact(`${module?.text ?? ""}.${field(name, "name")?.text ?? name.text}`))];
  }
  return childrenOf(node).map((child) => fact(field(child, "name")?.text ?? child.text));
}

/** Whether a name is the object of a longer one, which is a fact of its own. */
function isInner(node: CodeNode, parent: CodeNode | null): boolean {
  return parent !== null && members.has(parent.type) && childrenOf(parent)[0]?.id === node.id;
}

/** Everything that a program does, in no order. */
export function codeFacts(root: CodeNode): readonly CodeFact[] {
  const facts: CodeFact[] = [];
  // A node of tree-sitter looks for its parent from the root on each time, so it is kept beside it.
  const open: { readonly node: CodeNode; readonly parent: CodeNode | null }[] = [{ node: root, parent: null }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, parent } = next;
    if (/comment/.test(node.type)) {
      if (/^\/\/go:(?:generate|linkname)\b|^# ?cython:/.test(node.text))
        facts.push({ kind: "import", path: node.text.slice(0, 13), parts: [], node });
      continue;
    }
    if (calls.has(node.type)) facts.push({ kind: "call", path: calleeOf(node), parts: argumentsOf(node), node });
    else if (members.has(node.type) || subscripts.has(node.type)) {
      if (!isInner(node, parent)) facts.push({ kind: "name", path: pathOf(node), parts: [], node });
    } else if (
      /^(?:type_identifier|constant|identifier|simple_identifier|name|variable_name|shorthand_property_identifier(?:_pattern)?)$/.test(
        node.type,
      )
    ) {
      if (!isInner(node, parent)) facts.push({ kind: "name", path: node.text, parts: [], node });
    } else if (pairs.has(node.type)) {
      const setting = settingOf(node);
      if (setting !== null) facts.push(setting);
    } else if (imports.has(node.type)) facts.push(...importsOf(node));
    else if (/^(?:command|subshell|shell_command_expression|file_redirect|heredoc_redirect)$/.test(node.type))
      facts.push({ kind: "shell", path: node.type, parts: childrenOf(node), node });
    for (const child of node.namedChildren) if (child !== null) open.push({ node: child, parent: node });
  }
  return facts;
}

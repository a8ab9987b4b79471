/**
 * Code that only reads, and what anybody may read. A model may have it from a stranger, and who runs it has more rights than midwatch: so it is a list
 * of what is allowed, and all else is no reading.
 */

const SECRET = /secret|passw|token|credential/i;

/** What a shell gives a meaning to, in quotes too or as another line. */
const SHELL = /[|;&<>$`\\\p{Cc}\p{Zl}\p{Zp}]/u;
/** The same outside quotes: names of files that it fills in, several words out of one, comments. */
const SHELL_UNQUOTED = /[*?[\]{}~!()#'"]/;

const KUBECTL = /^kubectl (?:-n \S+ |--namespace[= ]\S+ )?(?:get|describe|logs|top|explain|events|rollout (?:status|history))\b/i;
/**
 * kubectl's options that choose what is read and how it is shown. Others send the login elsewhere (`--server`), call any address of the API (`--raw`) or
 * write a file (`--profile-output`). Source: `kubectl options` and the reference of each command.
 */
const KUBECTL_OPTION = new RegExp(
  `^(?:-(?:[nlocL].*|[Afpw])|--(?:${[
    ...[
      "namespace",
      "all-namespaces",
      "context",
      "selector",
      "field-selector",
      "output",
      "watch",
      "sort-by",
      "show-labels",
      "label-columns",
    ],
    ...[
      "no-headers",
      "ignore-not-found",
      "chunk-size",
      "container",
      "containers",
      "all-containers",
      "previous",
      "tail",
      "since",
      "since-time",
    ],
    ...["timestamps", "prefix", "follow", "limit-bytes", "max-log-requests", "for", "types", "revision", "recursive", "api-version"],
  ].join("|")})(?:=.*)?)$`,
);

const hasOwnOptions = (words: readonly string[]): boolean =>
  words.every((word) => !word.startsWith("-") || KUBECTL_OPTION.test(word)) &&
  // A file or an address to read from, except with `logs`, where it means to wait for more.
  (!words.includes("-f") || words.includes("logs"));

function isKubectlRead(code: string): boolean {
  if (!KUBECTL.test(code) || SHELL.test(code) || SHELL_UNQUOTED.test(code.replaceAll(/'[^']*'|"[^"]*"/g, ""))) return false;
  // As the shell has it: `se"cr"ets` is one word.
  const said = code.replaceAll(/['"]/g, "");
  return !SECRET.test(said) && hasOwnOptions(said.split(" "));
}

/** A command in a sentence, up to the next one: nothing separates its words from those of the sentence. */
export const isReadInWords = (words: string): boolean =>
  KUBECTL.test(words) &&
  !/[|;&<>$`]/.test(words) &&
  !SECRET.test(words.replaceAll(/['"\\]/g, "")) &&
  hasOwnOptions(
    words
      .split(/\s+/)
      .map((word) => word.replace(/[.,:)]+$/, ""))
      .filter((word) => /^-{1,2}\w/.test(word)),
  );

/** One query that reads some rows, or says how it would be run. */
const SELECT = /^(?:explain )?select [^;\\]{1,600}$/i;
const BOUNDED = /^explain|\b(?:where|limit)\b/i;
/** Comments, locks, loops, what holds secrets, and verbs of a second statement, which some servers take without a mark between. */
const NO_READ =
  /--|\/\*|\b(?:into|update|share|analy[sz]e|recursive|uescape|alter|backup|bulk|create|dbcc|delete|drop|exec|execute|grant|insert|kill|merge|reconfigure|restore|revoke|shutdown|truncate|waitfor|pg_shadow|pg_authid|pg_user_mappings?|pg_subscription|mysql\.user|authentication_string)\b/i;
/** What a parenthesis may follow: a sign, or a word of SQL or sum that is nobody's own function. */
const BEFORE_PARENTHESIS =
  /(?:^|[\s(,=<>+*%/|-])(?:count|sum|avg|min|max|in|from|where|and|or|not|on|as|exists|any|distinct)$|[(,=<>+*%/|-]$/i;

/** `pg_terminate_backend` is in a `select` too, and its name may be in quotes or apart from its parenthesis. */
const calls = (code: string): boolean =>
  [...code.matchAll(/\(/g)].some(({ index }) => !BEFORE_PARENTHESIS.test(code.slice(0, index).trimEnd()));

const isSelect = (code: string): boolean =>
  SELECT.test(code) && BOUNDED.test(code) && !NO_READ.test(code) && !SECRET.test(code) && !calls(code);

/** Whether a reader who runs it changes nothing and shows no secret. */
export const isReading = (code: string): boolean => isKubectlRead(code) || isSelect(code);

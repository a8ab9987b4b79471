import type { FaultClass } from "../incident/finding.ts";

/** What the words of a log line tell: whether of trouble, and of which kind. */

const TROUBLE =
  /\b(error|exception|fail(ed|ure|ing|s)?|fatal|panic|refused|denied|timed? ?out|timeout|unable|cannot|can't|could not|not found|enotfound|econn\w*|unreachable|oom|oomkilled|out of memory|expired|invalid|does not exist|reset by peer|too many|exhausted|unavailable|crash\w*|abort\w*|no such)\b|exception/i;
const TROUBLED_SEVERITY = new Set(["ERROR", "ERR", "FATAL", "CRITICAL", "EMERGENCY", "ALERT", "SEVERE"]);

/** The one who called gave up: the trouble is his, or further down, and not here. */
export const ENDED_BY_CALLER =
  /cancel\w* by (the )?(client|caller|peer)|client (closed|disconnected|cancel\w*|went away)|context cancel\w*|broken pipe|\b499\b/i;

/**
 * A resolver that did not answer, by the codes and messages that resolvers give for that (getaddrinfo's EAI_AGAIN, SERVFAIL of DNS, Go's words for it).
 * That a name does not exist is another matter: it may be written wrong.
 */
export const RESOLVER_FAILED =
  /\bEAI_AGAIN\b|\bSERVFAIL\b|temporary failure in name resolution|lookup \S{1,253}.{0,80}(?:server misbehaving|i\/o timeout)/i;

const FAULT_WORDS: readonly (readonly [RegExp, FaultClass])[] = [
  [/no such host|enotfound|name resolution|getaddrinfo|\bdns\b|lookup \S.*(misbehaving|timeout|no such)/i, "dependency"],
  [/certificate|x509|\btls\b|\bssl\b/i, "config"],
  [/out of memory|\boom\b|oomkill|heap space|cannot allocate memory/i, "memory"],
  [/too many (clients|connections)|pool (is )?exhausted|connection slots|no space left|quota|rate limit|throttl/i, "overload"],
  [/connection refused|econnrefused|no route to host|host unreachable/i, "dependency"],
];

/** What kind of fault a line speaks of; trouble without a name of its own is the code's. */
export const faultOfLine = (text: string): FaultClass => FAULT_WORDS.find(([words]) => words.test(text.slice(0, 500)))?.[1] ?? "code";

/** Whether a line reports trouble, by its severity or its words. */
export const isTrouble = (severity: string | null, text: string): boolean =>
  (severity !== null && TROUBLED_SEVERITY.has(severity)) || TROUBLE.test(text.slice(0, 500));

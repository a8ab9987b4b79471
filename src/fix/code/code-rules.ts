import { type CodeFact, foldedText } from "./code-facts.ts";
import type { CodeLanguage, CodeNode } from "./code-tree.ts";

/**
 * What no fix of an incident needs and an attacker would want: other programs, code out of data, the whole environment, connections that trust
 * anybody, files outside the work tree, and tests that talk to somebody. A person may write such a change; midwatch does not.
 */

export interface CodeAbout {
  readonly language: CodeLanguage;
  readonly isTest: boolean;
  /** The program can start others already, so what it calls "exec" does. */
  readonly startsPrograms: boolean;
}

export interface CodeRule {
  /** Read behind "path line 3: ". */
  readonly why: string;
  readonly holds: (fact: CodeFact, about: CodeAbout) => boolean;
}

const UNKNOWN = "\u0000";
const folded = ({ parts }: CodeFact): readonly string[] => parts.map((part) => foldedText(part));
const firstText = ({ parts }: CodeFact): string => (parts[0] === undefined ? "" : foldedText(parts[0]));
const among = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/).filter((word) => word !== ""));
const interpreters = /^(?:ba|z|k|da)?sh$|^(?:python\d?|node|perl|ruby|php|xargs)$/;
const commandName = (fact: CodeFact): string => (fact.kind === "shell" && fact.path === "command" ? (fact.parts[0]?.text ?? "") : "");

// --- Other programs ---------------------------------------------------------------------------------------------------------------------

const spawningModules =
  /^(?:node:)?(?:child_process|cluster)$|^(?:execa|shelljs|cross-spawn|zx|node-pty)(?:\/|$)|^(?:subprocess|pty|pexpect|plumbum|ctypes|cffi)(?:\.|$)|^os\.(?:system|popen|exec\w*|spawn\w*|posix_spawn\w*|fork\w*|startfile)$|^asyncio\.(?:create_)?subprocess|^(?:os\/exec|plugin|C)$|^java\.lang\.(?:ProcessBuilder|Runtime|Process)$|^(?:open3|pty|fiddle)$|^std\.process(?:\.Command)?$|^System\.Diagnostics(?:\.Process)?$|^\/\/go:|^<?(?:spawn|dlfcn)\.h>?$/;
const spawningCalls =
  /^(?:os\.(?:system|popen|exec[lv]\w*|spawn\w*|posix_spawn\w*|fork\w*|startfile|StartProcess)|subprocess\.\w+|asyncio\.create_subprocess_\w+|exec\.Command\w*|syscall\.\w*(?:Exec|Start)\w*|plugin\.Open|(?:java\.lang\.)?(?:Runtime\.getRuntime\(\)\.exec|ProcessBuilder)|process\.(?:binding|dlopen|_linkedBinding)|Bun\.(?:spawn\w*|\$)|Deno\.(?:Command|run|dlopen)|Kernel\.(?:system|exec|spawn|fork|`)|Open3\.\w+|IO\.popen|PTY\.\w+|Process\.(?:spawn|fork|daemon|exec)|(?:std\.process\.)?Command\.new|(?:System\.Diagnostics\.)?Process\.Start|ProcessStartInfo|System\.cmd|Process\.run)$/;
/** Called without an object, in languages where they are everybody's. */
const spawningWords: Partial<Record<CodeLanguage, ReadonlySet<string>>> = {
  ruby: among("system exec spawn fork syscall trap"),
  php: among("exec shell_exec system passthru proc_open popen pcntl_exec pcntl_fork dl mail"),
  cpp: among("system popen fork vfork execl execlp execle execv execvp execve posix_spawn dlopen"),
  python: among("system popen execv execve spawnl"),
};
/** What is imported; whatever a function is called, a module's name as its only text says what it loads. */
const foreignModule = (fact: CodeFact): string => {
  if (fact.kind === "import") return fact.path.replaceAll(/["'`]/g, "");
  return fact.kind === "call" && fact.parts.length === 1 ? firstText(fact) : "";
};
const pythonSpawns = /\.(?:system|popen|execl\w*|execv\w*|spawn[lv]\w*|posix_spawn\w*|startfile)$/;

const startsPrograms: CodeRule = {
  why: "starts other programs",
  holds(fact, { language, startsPrograms: canStart }) {
    if (spawningModules.test(foreignModule(fact)) && !(language === "bash")) return true;
    if (fact.kind === "call")
      return (
        spawningCalls.test(fact.path) ||
        (canStart && /(?:^|\.)(?:exec|execFile|spawn|fork)(?:Sync)?$/.test(fact.path)) ||
        spawningWords[language]?.has(fact.path) === true ||
        (language === "python" && pythonSpawns.test(fact.path)) ||
        (language === "c-sharp" && fact.path === "Process") ||
        (language === "ruby" && fact.path === "open" && firstText(fact).startsWith("|"))
      );
    if (fact.kind === "name") return /^(?:ProcessBuilder|X509TrustManagerFactoryBean|ProcessStartInfo)$/.test(fact.path);
    return fact.kind === "shell" && (fact.path === "subshell" || fact.path === "shell_command_expression");
  },
};

// --- Code out of data -------------------------------------------------------------------------------------------------------------------

const evaluatingCalls =
  /^(?:(?:globalThis|window|self|global|builtins|__builtins__)\.)?(?:eval|Function|execfile|__import__|execScript)$|^(?:exec|compile)$|^vm\.(?:runIn\w+|compileFunction|Script|createContext|SourceTextModule)$|constructor\.constructor$|^Reflect\.(?:get|apply|construct)$|^(?:importlib\.(?:import_module|reload|util\.\w+)|runpy\.\w+|code\.(?:interact|Interactive\w+)|imp\.load_\w+)$|^(?:c?[pP]ickle|marshal|dill|shelve|joblib|cloudpickle)\.(?:loads?|open|Unpickler)$|^yaml\.(?:unsafe_load|full_load|load_all)\w*$|^torch\.load$|^Marshal\.(?:load|restore)$|^YAML\.unsafe_load\w*$|^(?:ScriptEngineManager|GroovyShell|GroovyClassLoader|ObjectInputStream|XMLDecoder|URLClassLoader|BinaryFormatter|SpelExpressionParser)$|\.(?:instance_eval|class_eval|module_eval|instance_exec|defineClass|loadClass)$|^(?:instance_eval|class_eval|module_eval|create_function|assert|unserialize|CSharpScript\.\w+|Assembly\.Load\w*|Code\.eval_\w+)$|^process\.mainModule/;
/** A word of these in a language where it is something else: `Regex.compile` has an object; `assert` is PHP's alone. */
const evaluatesOnlyIn: Readonly<Record<string, readonly CodeLanguage[]>> = {
  exec: ["python"],
  compile: ["python"],
  assert: ["php"],
  eval: ["javascript", "typescript", "tsx", "python", "ruby", "php"],
};
const evaluatingModules =
  /^(?:(?:node:)?vm|vm2|isolated-vm|(?:c?[pP]ickle|marshal|dill|shelve)(?:\.loads?)?|importlib(?:\..*)?|runpy|javax\.script\.\w+)$/;
const programNames = among("eval exec system instance_eval spawn fork class_eval module_eval binding");
const timers = /(?:^|\.)(?:setTimeout|setInterval|setImmediate)$/;
const isText = (node: CodeNode | undefined): boolean =>
  node !== undefined && (/string/.test(node.type) || (/^binary/.test(node.type) && foldedText(node).replaceAll(UNKNOWN, "") !== ""));

const evaluates: CodeRule = {
  why: "runs data as code",
  holds(fact, { language }) {
    if (evaluatingModules.test(foreignModule(fact))) return true;
    if (fact.kind === "setting") return fact.path === "eval" && fact.parts[0]?.text === "true";
    if (fact.kind === "name")
      return /^(?:__builtins__|__globals__|__subclasses__|ScriptEngineManager|ObjectInputStream)$|^(?:globalThis|window|global|self)\.(?:\[\]|eval|Function)$|\.__(?:globals|subclasses|builtins)__/.test(
        fact.path,
      );
    if (fact.kind === "shell") {
      const isScript = interpreters.test(commandName(fact)) && fact.parts.some(({ text }) => /^-[ce]$/.test(text));
      return (
        (isScript || /^(?:eval|source|\.)$/.test(commandName(fact))) &&
        /[$`(]/.test(
          fact.parts
            .slice(1)
            .map(({ text }) => text)
            .join(" "),
        )
      );
    }
    if (fact.kind !== "call") return false;
    const { path } = fact;
    if (evaluatingCalls.test(path)) {
      const only = evaluatesOnlyIn[path];
      // A block is code that is there to be read.
      if (/_eval$|_exec$/.test(path) && fact.parts.length === 0) return false;
      if (/^Reflect\./.test(path)) return /^(?:globalThis|global|window|self|process)\b/.test(fact.parts[0]?.text ?? "");
      return only === undefined || only.includes(language);
    }
    if (path === "yaml.load" && language === "python") return !/SafeLoader|safe/i.test(fact.node.text);
    if (timers.test(path)) return isText(fact.parts[0]);
    if (/\.constructor$/.test(path)) return isText(fact.parts[0]) || fact.parts.some((part) => isText(part));
    if (/(?:^|\.)Class\.forName$/.test(path))
      return /java\.lang\.(?:Runtime|ProcessBuilder|System)|javax\.script/.test(firstText(fact)) || firstText(fact).includes(UNKNOWN);
    if (/^(?:import|require|module\.require)$/.test(path)) {
      const module = firstText(fact);
      return module.includes(UNKNOWN) ? !/^\.{1,2}\//.test(module) : /^(?:data|https?|blob):/.test(module);
    }
    if (/(?:^|\.)(?:send|public_send|__send__|method|call_user_func(?:_array)?)$/.test(path)) return programNames.has(firstText(fact));
    return /^(?:getattr|globals\(\)\.\w+)$/.test(path) && /^(?:__builtins__|builtins|os|sys)\b/.test(fact.parts[0]?.text ?? "");
  },
};

// --- The environment --------------------------------------------------------------------------------------------------------------------

const wholeEnvironment = /^(?:process\.env|Deno\.env|Bun\.env|import\.meta\.env|os\.environb?|\$_ENV|\$_SERVER)$/;
const takesAll = /\.(?:toObject|items|values|keys|copy|to_h|to_a|each\w*|map|inspect|to_s|entries|as_dict)$/;
const environmentCalls =
  /^(?:os\.Environ|std\.env\.vars(?:_os)?|env\.vars(?:_os)?|(?:System\.)?Environment\.GetEnvironmentVariables|phpinfo|get_defined_vars|util\.inspect\(process\))$/;
const readsOne = /^(?:get|fetch|key\?|has_key\?|include\?|setdefault|pop|dig|delete|has)$/;

function isWholeEnvironment({ path, node }: CodeFact, language: CodeLanguage): boolean {
  if (!wholeEnvironment.test(path) && !(language === "ruby" && path === "ENV")) return false;
  const { parent } = node;
  if (parent === null) return true;
  // One of its variables, named or looked up.
  if (/subscript|element_reference|index_expression|element_access|array_access/.test(parent.type)) return false;
  if (/^(?:member_expression|attribute|call)$/.test(parent.type)) {
    const name = parent.childForFieldName("property") ?? parent.childForFieldName("attribute") ?? parent.childForFieldName("method");
    return name === null || name.text === node.text || (takesAll.test(`.${name.text}`) && !readsOne.test(name.text));
  }
  if (/comparison|binary|in_expression/.test(parent.type)) return false;
  if (parent.type !== "variable_declarator") return true;
  const pattern = parent.childForFieldName("name");
  return pattern?.type !== "object_pattern" || /\.\.\./.test(pattern.text);
}

const dumpsEnvironment: CodeRule = {
  why: "reads the whole environment, where secrets are",
  holds(fact, { language }) {
    if (fact.kind === "call" && environmentCalls.test(fact.path)) return true;
    if (fact.kind === "call" && /^(?:System\.)?getenv$/.test(fact.path)) return fact.parts.length === 0;
    if (fact.kind === "name" && language !== "bash") {
      // `const { env } = process`.
      if (/^env$/.test(fact.path) && /shorthand_property_identifier_pattern/.test(fact.node.type))
        return fact.node.parent?.parent?.childForFieldName("value")?.text === "process";
      if (takesAll.test(fact.path) && wholeEnvironment.test(fact.path.slice(0, fact.path.lastIndexOf(".")))) return true;
      return isWholeEnvironment(fact, language);
    }
    if (fact.kind === "import") return /^os\.environ$|^std\.env\.vars$|^(?:node:)?process\.env$/.test(fact.path);
    if (fact.kind !== "shell") return false;
    const name = commandName(fact);
    const rest = folded(fact).slice(1);
    if (/\/proc\/(?:self|\d+|\$\$)\/environ/.test(fact.node.text)) return true;
    return (
      name === "printenv" ||
      (name === "env" && rest.length === 0) ||
      (/^(?:set|export|declare|compgen)$/.test(name) &&
        (rest.length === 0 || /^-[pxve]$/.test(rest.join(" ")) ? rest.join("") !== "-e" && rest.join("") !== "-x" : false))
    );
  },
};

// --- Connections that trust anybody -----------------------------------------------------------------------------------------------------

const mustStayTrue =
  /(?:^|\.)(?:rejectUnauthorized|verify|verify_ssl|ssl_verify|verify_certs|validate_certs|check_hostname|sslVerify|strictSSL|strict_ssl|http\.sslVerify|verify_peer|verify_peer_name|CURLOPT_SSL_VERIFYPEER|CURLOPT_SSL_VERIFYHOST)$/i;
const mustStayFalse =
  /(?:^|\.)(?:InsecureSkipVerify|insecure_skip_verify|insecureSkipTLSVerify|tls_?skip_?verify|skip_?tls_?verify|allow_self_signed|tls_insecure|trust_all_certs|danger_accept_invalid_\w+)$/i;
const trustingNames =
  /(?:^|\.)(?:NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY|GIT_SSL_NO_VERIFY|CERT_NONE|VERIFY_NONE|_create_unverified_context|_create_default_https_context|NoopHostnameVerifier|AllowAllHostnameVerifier|ALLOW_ALL_HOSTNAME_VERIFIER|HostnameVerifier|X509TrustManager|X509ExtendedTrustManager|TrustAllStrategy|TrustSelfSignedStrategy|setDefaultHostnameVerifier|setHostnameVerifier|checkServerIdentity|danger_accept_invalid_certs|danger_accept_invalid_hostnames|ServerCertificateCustomValidationCallback|ServerCertificateValidationCallback|DangerousAcceptAnyServerCertificateValidator|disable_warnings|hostnameVerifier|WithInsecure|SSL_VERIFY_NONE|badCertificateCallback)$/;
const isLiteral = (node: CodeNode | undefined, words: RegExp): boolean => node !== undefined && words.test(node.text.trim());

const trustsAnybody: CodeRule = {
  why: "switches certificate checks off",
  holds(fact) {
    if (fact.kind === "setting") {
      const { path, parts } = fact;
      if (trustingNames.test(path)) return true;
      if (path === "ssl" && isLiteral(parts[0], /^False$/)) return true;
      if (mustStayTrue.test(path))
        return (
          !isLiteral(parts[0], /^(?:true|True|1|2|"[\w./-]+"|'[\w./-]+')$/) &&
          (!/verify$/i.test(path) || isLiteral(parts[0], /^(?:false|False|0|None|nil|null)$/))
        );
      return mustStayFalse.test(path) && !isLiteral(parts[0], /^(?:false|False|0)$/);
    }
    if (fact.kind === "name" || fact.kind === "call") {
      if (fact.kind === "call" && mustStayFalse.test(fact.path)) return true;
      if (fact.kind === "call" && fact.path === "curl_setopt") return /SSL_VERIFY(?:PEER|HOST)\s*,\s*(?:false|0)/i.test(fact.node.text);
      return trustingNames.test(fact.path);
    }
    if (fact.kind !== "shell") return false;
    const words = fact.parts.map(({ text }) => text);
    return (
      (/^(?:curl|wget)$/.test(commandName(fact)) &&
        words.some((word) => /^(?:--insecure|--no-check-certificate|-[a-zA-Z]*k[a-zA-Z]*)$/.test(word))) ||
      (commandName(fact) === "git" && /sslVerify\s*=?\s*false/i.test(words.join(" "))) ||
      words.some((word) => /^StrictHostKeyChecking=no$|^--insecure-skip-tls-verify/.test(word))
    );
  },
};

// --- Files outside the work tree --------------------------------------------------------------------------------------------------------

/** Names that only files have. */
const writingNames =
  /(?:^|\.)(?:writeFile|appendFile|createWriteStream|chmod|chown|lchown|symlink|copyFile|outputFile|ensureFile|emptyDir|unlink)(?:Sync)?$|(?:^|\.)(?:rm|rmdir|rename|cp|mkdir|truncate|link)Sync$|(?:^|\.)(?:write_text|write_bytes|hardlink_to|symlink_to|rmtree|copytree|makedirs|removedirs|WriteFile|RemoveAll|Chmod|Chown|Symlink|MkdirAll|writeString|deleteIfExists|createDirectories|createSymbolicLink|setPosixFilePermissions|FileWriter|FileOutputStream|RandomAccessFile|file_put_contents|binwrite|rm_rf|mkdir_p|ln_s|remove_file|remove_dir_all|WriteAllText|WriteAllBytes|AppendAllText)$/;
/** Names that routes, maps and clients have too: `app.delete("/orders/:id")`. */
const writingAsFiles =
  /^(?:(?:[\w.]*\.)?(?:fs|fsp|fsPromises|promises|fse|os|ioutil|shutil|pathlib|filepath)|(?:java\.nio\.file\.)?Files|File|Dir|FileUtils|IO|FileUtil|(?:std\.)?fs(?:\.File)?|File\.\w+|(?:pathlib\.)?Path\(\)|Directory)\.(?:\w+)$/;
const readingNames =
  /\.(?:read\w*|stat\w*|lstat\w*|exists\w*|access\w*|open\w*|listdir|list\w*|glob|scandir|walk|isfile|isdir|is\w*|getcwd|getenv|environ|basename|dirname|join|Open|Stat|ReadFile|ReadDir|Getenv|Exit|size|lines|newBufferedReader|newInputStream|expand_path|extname|foreach|watch\w*|realpath\w*|Exists|new|exist\?|file\?|cpu_count|getpid|LookupEnv|createReadStream|path\.\w+|mkdtemp\w*|tmpdir|constants|resolve\w*|home\w*)$/;
const openingNames = /(?:^|\.)(?:open|fopen|openSync|OpenFile|File\.new)$/;
const writingMode = /^(?:[rb]*[wax]|r\+|rb\+)|O_(?:WRONLY|RDWR|CREATE|APPEND)|WRITE/;
/** Where tests and programs put what may be lost. */
const harmlessPlace = /^\/(?:tmp|var\/tmp|dev\/(?:null|stdout|stderr|shm))(?:\/|$)/;
const homes =
  /homedir\(\)|expanduser|Path\.home|UserHomeDir|Dir\.home|user\.home|\$\{?HOME\}?|(?:^|["'`])~\/|HOMEPATH|USERPROFILE|\bHOME\b/;

const leadsOutside = (text: string, written: string): boolean =>
  (/^(?:\/|[A-Za-z]:\\|~)/.test(text) && !harmlessPlace.test(text)) ||
  /(?:^|[/\\])\.\.[/\\]/.test(text) ||
  /(?:^|[/\\])\.(?:git|ssh|aws|npmrc|bashrc|profile|github)\b/.test(text) ||
  homes.test(written);

const writesOutside: CodeRule = {
  why: "writes or removes files outside the work tree",
  holds(fact) {
    if (fact.kind === "shell") {
      if (fact.path === "file_redirect") {
        const to = fact.node.text.replace(/^\d*[<>&|]+\s*/, "").replaceAll(/["']/g, "");
        return /^\d?>/.test(fact.node.text) || fact.node.text.startsWith("&>")
          ? leadsOutside(to, to) || to.startsWith("/dev/tcp")
          : to.startsWith("/dev/tcp");
      }
      return (
        /^(?:rm|mv|cp|ln|chmod|chown|tee|install|dd|crontab|useradd|systemctl|sudo|su|mount)$/.test(commandName(fact)) &&
        (/^(?:crontab|useradd|systemctl|sudo|su|mount)$/.test(commandName(fact)) ||
          fact.parts.slice(1).some(({ text }) => leadsOutside(text.replaceAll(/["']/g, ""), text)))
      );
    }
    if (fact.kind !== "call") return false;
    const isOpen = openingNames.test(fact.path) || /(?:^|\.)open$/.test(fact.path);
    const isFiles = writingAsFiles.test(fact.path) && !readingNames.test(fact.path);
    if (!writingNames.test(fact.path) && !isFiles && !isOpen) return false;
    const texts = folded(fact);
    if (
      isOpen &&
      !fact.parts
        .slice(1)
        .some(
          (part) => writingMode.test(foldedText(part).replaceAll(UNKNOWN, "")) || writingMode.test(part.text.replace(/^.*=\s*["']?/, "")),
        )
    )
      return false;
    // `Path("…").write_text(…)`: the place is in what it is called on.
    const object = fact.node.namedChildren[0]?.text ?? "";
    const inObject = [...object.matchAll(/["']([^"'\n]{1,200})["']/g)].map(([, text = ""]) => text);
    const nested = fact.parts.flatMap((part) => [...part.text.matchAll(/["'`]([^"'`\n]{1,200})["'`]/g)].map(([, text = ""]) => text));
    const first = fact.parts[0]?.text ?? "";
    const places = [
      texts[0] ?? "",
      ...(/^[\w.]*(?:join|Path\.of|Paths\.get|Path|File|URI|expanduser|resolve)\b/.test(first) ? nested : []),
      ...(/^(?:pathlib\.)?(?:Path|File|Paths)\b/.test(object) ? inObject : []),
    ];
    return (
      places.some((place) => leadsOutside(place, "")) || homes.test(first) || (/^(?:pathlib\.)?Path\b/.test(object) && homes.test(object))
    );
  },
};

// --- The network ------------------------------------------------------------------------------------------------------------------------

const metadata = /169\.254\.169\.254|metadata\.google\.internal|100\.100\.100\.200|fd00:ec2::254/;
const networkCalls =
  /(?:^|\.)(?:fetch|WebSocket|EventSource|XMLHttpRequest|sendBeacon|urlopen|urlretrieve|create_connection|getaddrinfo|gethostbyname|HttpClient|openConnection|openStream|Socket|TCPSocket|curl_exec|fsockopen)$|^(?:axios|got|request|superagent|needle|undici|ky|requests|httpx|aiohttp|urllib3?|http|https|net|tls|dns|dgram|smtplib|ftplib|socket|HTTParty|Faraday|RestClient|reqwest|ureq|Excon|Net\.HTTP|OpenURI|URI)(?:\.|$)/;
const mocks =
  /^(?:responses|nock|httpmock|httpretty|requests_mock|respx|wiremock|msw|WebMock|gock|httptest|mock\w*|jest|vi|sinon|VCR|rest|expect|assert|when|verify|given|stub\w*)(?:\.|\(|$)/i;
const loopback =
  /^(?:[a-z+]{2,8}:\/\/)?(?:[^@/\s]{0,80}@)?(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?|0\.0\.0\.0|host\.docker\.internal)(?:[:/?#]|$)/i;
const remote =
  /^(?:https?|wss?|ftp|tcp|udp|smtp):\/\/[^/\s]|^(?:\d{1,3}\.){3}\d{1,3}$|^[\w-]{1,63}(?:\.[\w-]{1,63})+(?::\d+)?$|\.[a-z]{2,24}$/i;

const reachesOut: CodeRule = {
  why: "talks to another host from a test, or to a cloud's metadata service",
  holds(fact, { isTest }) {
    if (fact.kind !== "call" && fact.kind !== "shell") return false;
    const within = fact.parts.flatMap((part) =>
      [...part.text.slice(0, 4_000).matchAll(/["'`]([^"'`\n]{3,300})["'`]/g)].map(([, text = ""]) => text),
    );
    const texts = [...folded(fact), ...within];
    if (texts.some((text) => metadata.test(text))) return true;
    if (!isTest || fact.kind === "shell" || !networkCalls.test(fact.path) || mocks.test(fact.path)) return false;
    return texts.some((text) => remote.test(text.replaceAll(UNKNOWN, "x")) && !loopback.test(text));
  },
};

const downloads = /^(?:curl|wget|nc|ncat|netcat|socat|telnet|ssh|scp|rsync|ftp|aria2c)$/;

const pipesToShell: CodeRule = {
  why: "runs what it has just fetched, or opens a network connection from a shell",
  holds(fact) {
    const name = commandName(fact);
    if (name === "") return fact.kind === "shell" && /\/dev\/(?:tcp|udp)\//.test(fact.node.text);
    if (interpreters.test(name)) {
      const pipeline = fact.node.parent?.type === "pipeline" ? fact.node.parent : null;
      return pipeline !== null && pipeline.namedChildren.some((child) => child !== null && child.id !== fact.node.id);
    }
    return (
      downloads.test(name) && !fact.parts.slice(1).some(({ text }) => loopback.test(text.replaceAll(/["']/g, ""))) && !/^(?:nc)$/.test(name)
    );
  },
};

/** Whether a program imports what starts others. */
export const importsSpawning = (facts: readonly CodeFact[]): boolean => facts.some((fact) => spawningModules.test(foreignModule(fact)));

export const codeRules: readonly CodeRule[] = [
  startsPrograms,
  evaluates,
  dumpsEnvironment,
  trustsAnybody,
  writesOutside,
  reachesOut,
  pipesToShell,
];

/** For what is no program: settings of YAML, JSON and TOML, by key and value. */
export function settingTrustsAnybody(key: string, value: unknown): boolean {
  if (trustingNames.test(key)) return true;
  if (mustStayTrue.test(key)) return value === false || /^(?:false|no|off|0)$/i.test(String(value));
  return mustStayFalse.test(key) && !(value === false || /^(?:false|no|off|0)$/i.test(String(value)));
}

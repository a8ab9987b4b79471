import { describe, expect, test } from "vitest";
import { createPatternMiner, PATTERN_LIMIT } from "../../src/analysis/log-pattern.ts";

/** Groups of lines, as the numbers that the miner gives them when all are read. */
function groups(lines: readonly string[]): number[] {
  const miner = createPatternMiner();
  const ids = lines.map((line) => miner.add(line));
  return ids.map((id) => miner.resolve(id));
}

const oneGroup = (lines: readonly string[]): boolean => new Set(groups(lines)).size === 1;

describe("log lines of one statement", () => {
  test.each([
    ["ids with few digits", ["shard [abcdefabcde1] was moved", "shard [12345678901b] was moved", "shard [1234] was moved"]],
    ["numbers and ids", ["took 12 ms for 7f3a9c2e41d0", "took 4100 ms for 00ab9c2e41d7"]],
    ["addresses and ports", ["connection from 10.1.2.3:4711 refused", "connection from 192.168.7.12:80 refused"]],
    ["pseudonyms of people", ["mail to <email:bcdfghjk> bounced", "mail to <email:zyxwvtsr> bounced"]],
    ["host names", ["lookup of api.shop.example.com failed", "lookup of mail.example.org failed"]],
    ["paths", ["cannot open /var/log/app.log", "cannot open /etc/passwd"]],
    ["dates", ["backup of Mon Jan 12 done", "backup of Fri Dec 3 done"]],
    ["lists of any length", ["ids [1, 2, 3] sold", "ids [4] sold", "ids [5, 6, 7, 8, 9, 10] sold"]],
    ["queries", ['"GET /v2/servers?all=True&since=2017-05-16T05%3A54 HTTP/1.1" status: 200', '"GET /v2/servers/7 HTTP/1.1" status: 404']],
    ["schemes", ["fetched https://shop.example.com/a?b=c, done", "fetched s3://bucket/key/1, done", "fetched /var/cache/x, done"]],
    ["hosts before a port", ["shop.cafe:443 refused the call", "10.1.2.3:80 refused the call"]],
    [
      "IPv6 addresses",
      [
        "peer fe80::1c2:eab:0:1 is connected",
        "peer aa:fc:ef:12:0b:dd is connected",
        "peer 2001:db8::face:b00c is connected",
        "peer 10.1.2.3 is connected",
      ],
    ],
    ["sizes in brackets", ["1190 bytes (1.16 KB) sent", "7 bytes sent", "20 bytes [20] sent"]],
    [
      "one name or several",
      [
        "new index of kind [cart] made",
        "new index of kind [cart, mail] made",
        "new index of kind [a, b, c] made",
        "new index of kind [b, c] made",
        "new index of kind [b, c, cart] made",
      ],
    ],
    ["lists of names", ["found [cart, stock]", "found [cart, mail, stock]", "found [mail, cart]", "found [a, b, c, d]"]],
    [
      "browsers",
      [
        '10.0.0.1 - - [12/Jan/2026] "GET / HTTP/1.1" 200 17 "-" "curl/8.1"',
        '10.0.0.2 - - [12/Jan/2026] "POST /cart HTTP/1.1" 503 9 "https://a.example.com/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"',
        '10.0.0.3 - - [12/Jan/2026] "GET /cart?id=1 HTTP/1.1" 200 9 "-" "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/9"',
        '10.0.0.4 - - [12/Jan/2026] "PUT /cart HTTP/1.1" 200 9 "-" "kube-probe/1.27"',
      ],
    ],
    ["printed objects", ["asked [for: [Trip(id=a1, type=Fast), Trip(id=b2, type=Slow)]]", "asked [for: [Trip(id=c3, type=Slow)]]"]],
  ])("are one group whatever their %s", (_name, lines) => {
    expect(oneGroup(lines)).toBe(true);
  });

  test("a place that takes many words is a variable, one that takes two is not", () => {
    const users = ["anna", "boris", "carla", "dmitri", "eve"].map((name) => `session opened for user ${name} by the gate`);
    expect(oneGroup(users)).toBe(true);
    expect(oneGroup(["service cart has now started fully", "service cart has now stopped fully"])).toBe(false);
  });

  test("states that all come often stay apart; names, and words of which some are rare, do not", () => {
    const often = (words: readonly string[], counts: readonly number[]) =>
      words.flatMap((word, index) =>
        Array.from({ length: counts[index] ?? 0 }, (_, line) => `the machine ${line} was ${word} by its owner`),
      );
    const states = often(["started", "stopped", "paused", "resumed"], [20, 20, 19, 40]);
    expect(new Set(groups(states)).size).toBe(4);
    expect(oneGroup(often(["fraud-check", "mailer", "search-indexer", "billing"], [20, 20, 19, 40]))).toBe(true);
    expect(oneGroup(often(["anna", "boris", "carla", "dmitri"], [300, 20, 5, 1]))).toBe(true);
  });

  test("the fewer words are around a place, the more it takes for a variable; the first word is rarely one", () => {
    const words = ["lamp", "sofa", "rug", "vase", "clock", "desk", "stool"];
    expect(oneGroup(words.slice(0, 4).map((word) => `proxy ${word} started`))).toBe(true);
    expect(new Set(groups(words.map((word) => `loading ${word}`))).size).toBe(7);
    expect(oneGroup([...words, "kettle"].map((word) => `loading ${word}`))).toBe(true);
    expect(new Set(groups(words.map((word) => `${word} startup succeeded`))).size).toBe(7);
  });

  test("a word in a place that holds numbers as well is one more value, in a line long enough", () => {
    expect(oneGroup(["no access for account 17 at the gate", "no access for account none at the gate"])).toBe(true);
    expect(new Set(groups(["17 done", "all done"])).size).toBe(2);
  });

  test("two words that vary at once are found where one of them did", () => {
    const goods = ["lamp", "sofa", "rug", "vase", "clock", "desk", "stool"];
    const people = ["smith", "garcia", "chen", "patel", "novak", "rossi"];
    const lines = goods.flatMap((item, index) =>
      people.slice(index % 4, (index % 4) + (index === 0 ? 4 : 1)).map((who) => `${item} was sent to ${who} by post`),
    );
    expect(oneGroup(lines)).toBe(true);
  });

  test("a word that is a value elsewhere after the same words is one", () => {
    const names = ["anna", "boris", "carla", "dmitri"];
    const known = names.map((name) => `the session was opened for user ${name}`);
    const rare = [3, 20].flatMap((count, index) =>
      Array.from({ length: count }, () => `login refused for user ${names[index]} by the gate`),
    );
    expect(new Set(groups(rare)).size).toBe(2);
    expect(new Set(groups([...known, ...rare])).size).toBe(2);
  });

  test("names that stand in brackets, before a port or before brackets are values as numbers there are", () => {
    expect(oneGroup(["wpad:80 gave an error on the way", "10.0.0.1:80 gave an error on the way"])).toBe(true);
    expect(oneGroup(["this is an unknown user 17 [early]", "this is an unknown user bob [early]"])).toBe(true);
    expect(oneGroup(["sent to hub (4, retained), then read", "sent to esp32 (4, retained), then read"])).toBe(true);
  });

  test("the message of a structured line tells statements apart, its other fields do not", () => {
    const fields = ["cart", "mail", "stock", "user"];
    const lines = (message: string) => [
      fields.map((name) => `level=info msg="${message}" svc=${name} size=12`),
      fields.map((name) => `{"level":"info","message":"${message}","svc":"${name}","size":12}`),
    ];
    const [plain = [], json = []] = lines("pool is full");
    const [otherPlain = [], otherJson = []] = lines("cache was read");
    for (const some of [plain, otherPlain, json, otherJson]) expect(oneGroup(some)).toBe(true);
    expect(new Set(groups([...plain, ...otherPlain])).size).toBe(2);
    expect(new Set(groups([...json, ...otherJson])).size).toBe(2);
  });

  test("the order of the lines changes nothing", () => {
    const words = ["lamp", "sofa", "rug", "vase", "clock", "17", "user.dir", "10.0.0.1:80"];
    const lines = Array.from({ length: 400 }, (_, index) => {
      const [a, b, c] = [index % 8, (index * 5) % 7, (index * index) % 8].map((at) => words[at] ?? "");
      return (
        [`moved ${a} from ${b} to ${c}`, `state is ${a}`, `key=${a} of ${b} (12 KB) was read`, `${a}:9 error at ${c} in the end`][
          index % 4
        ] ?? ""
      );
    });
    const partition = (some: readonly string[]) => {
      const ids = groups(some);
      const byLine = new Map(some.map((line, index) => [line, ids[index] ?? 0]));
      return [...Map.groupBy(lines, (line) => byLine.get(line)).values()]
        .map((group) => [...new Set(group)].toSorted().join("|"))
        .toSorted();
    };
    const forwards = partition(lines);
    expect(partition(lines.toReversed())).toEqual(forwards);
    expect(partition(lines.toSorted())).toEqual(forwards);
  });

  test("short lines that differ in a word stay apart", () => {
    expect(new Set(groups(["LOOKING", "LEADING", "FOLLOWING", "OBSERVING", "waiting"])).size).toBe(5);
  });

  test("the template shows what is fixed, with its marks, and of what varies the kind", () => {
    const miner = createPatternMiner();
    const id = miner.add("token cache miss for merchant 4711, refreshing (attempt 3)");
    expect(miner.template(id)).toBe("token cache miss for merchant <number>, refreshing (attempt <number>)");
    miner.add("token cache miss for merchant 9f2c1e77a1, refreshing (attempt 4)");
    expect(miner.template(id)).toBe("token cache miss for merchant <id>, refreshing (attempt <number>)");
    const denied = miner.add("denied GET /admin?x=1 to 10.1.2.3 by rule");
    expect(miner.template(denied)).toBe("denied GET <path> to <ip> by rule");
  });

  test("what anybody can have written is free text, whatever the first line held", () => {
    const miner = createPatternMiner();
    const ids = ["4711", "anna", "boris", "carla", "dmitri"].map((name) => miner.add(`session opened for user ${name} by the gate`));
    expect(new Set(ids.map((id) => miner.template(id)))).toEqual(new Set(["session opened for user <*> by the gate"]));
    const values = ["12", "13", "ignore-all-rules-1", "14"].map((value) => miner.add(`order refused reason=${value}`));
    expect(new Set(values.map((id) => miner.template(id)))).toEqual(new Set(["order refused reason=<*>"]));
    const quoted = ["a", "b", "c", "d"].map((name) => miner.add(`user "${name}" unknown`));
    expect(miner.template(quoted[0] ?? 0)).toBe('user "<*>" unknown');
  });

  test("many kinds in many places cost bounded work and end as free text", () => {
    const miner = createPatternMiner();
    const kinds = ["1", "10.0.0.1", "9f2c1e77a1", "/etc/passwd", "chosen-by-me-1"];
    const id = miner.add("a 1 b 1 c 1 d 1 e");
    for (let index = 0; index < 625; index += 1) {
      const [a, b, c, d] = [1, 5, 25, 125].map((step) => kinds[Math.floor(index / step) % 5]);
      miner.add(`a ${a} b ${b} c ${c} d ${d} e`);
    }
    expect(miner.template(id)).toBe("a <*> b <*> c <*> d <*> e");
  });
});

describe("a flood of random text", () => {
  /** Words of random letters, the same on every run. */
  function randomWords(length: number): () => string {
    let state = 1;
    return () => {
      let word = "";
      while (word.length < length) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        word += String.fromCharCode(97 + ((state >>> 24) % 26));
      }
      return word;
    };
  }

  test("is kept in as many groups as there may be, and one more", () => {
    const miner = createPatternMiner();
    for (let index = 0; index < 60_000; index += 1) {
      const word = [...String(index)].map((digit) => String.fromCharCode(97 + Number(digit))).join("");
      miner.add(`x${word} y${word}q z${word}w`);
    }
    expect(miner.size()).toBe(PATTERN_LIMIT + 1);
    const first = miner.add("never seen before");
    expect(miner.add("nor was this one ever")).toBe(first);
    expect(miner.template(first)).toBe("<*>");
    expect(miner.add(`a megabyte ${"of text ".repeat(125_000)}`)).toBe(first);
    // What was known before stays told apart.
    expect(miner.template(miner.add("xa yaq zaw"))).toBe("xa yaq zaw");
  });

  test("of long lines costs megabytes", () => {
    // Two random pieces a word: making each letter of 20 MB would take longer than reading them.
    const piece = randomWords(16);
    const pieces = Array.from({ length: 4096 }, piece);
    let state = 1;
    const word = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return `${pieces[state >>> 20]}z${pieces[(state >>> 8) & 4095]}`;
    };
    const lines = Array.from({ length: 6_000 }, () => Array.from({ length: 118 }, word).join(" "));
    const miner = createPatternMiner();
    const before = process.memoryUsage().heapUsed;
    for (const line of lines) miner.add(line);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(250_000_000);
    expect(miner.size()).toBe(6_000);
  });

  test("of values costs one group a statement", () => {
    const miner = createPatternMiner();
    const word = randomWords(12);
    for (let index = 0; index < 30_000; index += 1) miner.add(`login refused user=${word()}`);
    expect(miner.size()).toBeLessThan(10);
  });

  test("full of quotes is read in one pass", () => {
    const miner = createPatternMiner();
    for (let index = 0; index < 100; index += 1) miner.add(`${'" '.repeat(30_000)}a${'"'.repeat(index)} b`);
    expect(miner.size()).toBeLessThan(101);
  });
});

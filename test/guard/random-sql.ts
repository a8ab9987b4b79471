import { createRandom } from "../support/random.ts";

/**
 * SELECTs of all shapes in which names mislead: tables, aliases, queries of WITH and columns are called alike, in each other and beside each
 * other. For the database of `test/integrations/postgres/sql-database.ts`.
 * @param seed the same one gives the same statements
 */
export function* randomSelects(seed: number): Generator<string> {
  const { next: random, pick: pickOf } = createRandom(seed);
  const pick = (list: readonly string[]): string => pickOf(list);
  const chance = (share: number) => random() < share;
  const tables = ["customers", "customers", "orders", "public.customers"];
  const aliases = ["customers", "orders", "o", "c", "email", "id"];
  const columns = ["id", "id", "email", "email", "phone", "plan", "note", "password_hash", "status"];
  let named: readonly string[] = [];

  const column = (known: readonly string[]) => (known.length > 0 && chance(0.6) ? `${pick(known)}.${pick(columns)}` : pick(columns));

  function expression(known: readonly string[], depth: number): string {
    if (depth <= 0 || chance(0.8)) return column(known);
    const inner = () => expression(known, depth - 1);
    const shapes = [
      () => "'x'",
      () => `(${select(depth - 1, known)} limit 1)`,
      () => `upper(${inner()})`,
      () => `count(${inner()})`,
      () => `coalesce(${inner()}, 'y')`,
      () => `${inner()}::text`,
      () => pick(aliases),
      () => `${inner()} is null`,
      () => `case when true then ${inner()} end`,
    ];
    return pickOf(shapes)();
  }

  function from(known: string[], depth: number): string {
    const alias = pick(aliases);
    const shape = depth <= 0 ? 0 : random();
    if (shape < 0.45) {
      const table = named.length > 0 && chance(0.6) ? pick(named) : pick(tables);
      const isPlain = chance(0.4);
      known.push(isPlain ? (table.split(".").at(-1) ?? table) : alias);
      return isPlain ? table : `${table} as ${alias}`;
    }
    if (shape < 0.88) {
      const isLateral = shape >= 0.75;
      const inner = select(depth - 1, isLateral ? known : []);
      known.push(alias);
      return `${isLateral ? "lateral " : ""}(${inner}) as ${alias}${chance(0.3) ? `(${pick(columns)})` : ""}`;
    }
    const [left, right] = [from(known, depth - 1), from(known, depth - 1)];
    return chance(0.4)
      ? `${left} join ${right} using (${pick(["id", "email", "plan"])})`
      : `${left} ${pick(["left join", "join"])} ${right} on ${column(known)} is not null`;
  }

  function select(depth: number, outer: readonly string[] = []): string {
    const before = named;
    let beginning = "";
    if (depth > 0 && chance(0.4)) {
      const name = pick(["customers", "orders", "w"]);
      beginning = `with ${name}${chance(0.3) ? `(${pick(columns)})` : ""} as (${select(depth - 1, outer)}) `;
      named = [...named, name];
    }
    const own: string[] = [];
    const tablesOf = Array.from({ length: chance(0.7) ? 1 : 2 }, () => from(own, depth)).join(", ");
    const known = [...own, ...outer];
    const target = () => {
      if (chance(0.15)) return chance(0.5) ? "*" : `${pick(known)}.*`;
      return `${expression(known, depth)}${chance(0.45) ? ` as ${pick(columns)}` : ""}`;
    };
    const targets = Array.from({ length: chance(0.5) ? 1 : 2 }, target).join(", ");
    const clauses = [
      chance(0.1) ? ` where ${column(known)} is not null` : "",
      chance(0.08) ? ` group by ${chance(0.5) ? "1" : pick(columns)}` : "",
      chance(0.1) ? ` order by ${chance(0.5) ? "1" : pick(columns)}` : "",
    ];
    const whole = `${beginning}select ${chance(0.05) ? "distinct " : ""}${targets} from ${tablesOf}${clauses.join("")}`;
    const union = depth > 0 && chance(0.1) ? `(${whole}) union all (${select(depth - 1, outer)})` : whole;
    named = before;
    return union;
  }

  for (;;) yield select(chance(0.5) ? 1 : 3);
}

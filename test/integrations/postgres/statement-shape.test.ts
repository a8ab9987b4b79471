import { expect, test } from "vitest";
import { shapeOf, unindexed } from "../../../src/integrations/postgres/statement-shape.ts";

const filtersOf = (statement: string) => shapeOf(statement).filters.map(({ table, column }) => `${table ?? "?"}.${column}`);

test("columns that are compared with a value are filters; joins, casts, calls and inequality are not", () => {
  expect(filtersOf("SELECT * FROM baskets WHERE status = $1 AND total > 10 ORDER BY id LIMIT $2")).toEqual(["?.status", "?.total"]);
  expect(
    filtersOf(
      `SELECT id FROM public."Orders" AS o, users u WHERE o.user_id = u.id AND u.email LIKE $1 AND lower(o.x) = $2 AND o.y::text = $3 AND o.z <> 1`,
    ),
  ).toEqual(["users.email"]);
  expect(
    filtersOf("select * from a join b on b.a_id = a.id and b.kind = 'x' where a.k in (select k from c where c.d between 1 and 2)"),
  ).toEqual(["b.kind", "a.k", "c.d"]);
  expect(filtersOf("update t set status = 'x', n = 1 where id = $1 returning *")).toEqual(["?.id"]);
  expect(filtersOf("select 'where a = 1' /* where b = 2 */ from t -- where c = 3\n where d = $$ e = 1 $$")).toEqual(["?.d"]);
});

test("reading, writing and adding up are told apart", () => {
  expect(shapeOf("SELECT * FROM t FOR UPDATE")).toMatchObject({ effect: "reads", aggregates: false, tables: ["t"] });
  expect(shapeOf("with gone as (delete from old where id < 5 returning id) select count(*) from gone")).toMatchObject({
    effect: "writes",
    aggregates: true,
    tables: ["old"],
  });
  expect(shapeOf("insert into x (a, b) values (1, 2) on conflict (a) do update set b = 2")).toMatchObject({
    effect: "writes",
    tables: ["x"],
  });
  expect(shapeOf("vacuum")).toMatchObject({ effect: "other", tables: [] });
});

test("an index is missing only where none begins with any filtered column, and nothing is said where it is not sure", () => {
  const table = { table: "baskets", columns: ["id", "status", "user_id"], leading: ["id", "user_id"] };
  const lack = (statement: string, schema = [table]) => unindexed(shapeOf(statement), schema);
  expect(lack("select * from baskets where status = $1")).toEqual([{ table: "baskets", columns: ["status"] }]);
  expect(lack("select * from baskets where status = $1 and user_id = $2")).toEqual([]);
  expect(lack("select * from baskets where id = $1")).toEqual([]);
  expect(lack("select * from baskets")).toEqual([]);
  expect(lack("select * from baskets where status = $1", [{ ...table, leading: ["id", ""] }])).toEqual([]);
  // Both tables have the column, and the statement does not tell which it means.
  const other = { table: "orders", columns: ["status"], leading: [] };
  expect(lack("select * from baskets, orders where status = $1", [table, other])).toEqual([]);
});

test("of a statement of any length and shape the first characters are read", () => {
  for (const part of ["/*", "(", "a.", "'", "$a$", "where a.", '"', "a,", "from t,"])
    expect(shapeOf(part.repeat(200_000))).toEqual(shapeOf(part.repeat(8_000)));
});

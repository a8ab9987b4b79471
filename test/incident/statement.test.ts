import { expect, test } from "vitest";
import { withoutLiterals } from "../../src/incident/statement.ts";

test.each([
  ["select * from orders where id = $1", "select * from orders where id = $1"],
  ["SELECT a1, t2.b FROM t2 WHERE mail = 'ana@example.com' AND n > 42.5", "SELECT a1, t2.b FROM t2 WHERE mail = ? AND n > ?"],
  ["insert into t values ('it''s', E'a\\'b', -7, 1e9, 0xFF)", "insert into t values (?, E?, -?, ?, ?)"],
  ["select $$raw 'text'$$, $tag$more$tag$ from x", "select ?, ? from x"],
  ['select "Order"."id" from "Order" where name = "Ana Ruiz"', 'select "Order"."id" from "Order" where name = ?'],
  [
    "select 1 /* user 77 */ from t -- mail a@b.c\n where x = :name and y = ? and z = @p1",
    "select ? from t where x = :name and y = ? and z = @p1",
  ],
  ["update `users` set `name` = 'x", "update `users` set `name` = ?"],
  ["  select\n\t 2 ", "select ?"],
  ["", ""],
  ['update users set pass="hunter2" where login="jane"', "update users set pass=? where login=?"],
  ['select * from u where name in ("jane", "ana") and mail like "jane"', "select * from u where name in (?, ?) and mail like ?"],
  ['update "users" set "login" = $1 where "users"."id" = $2', 'update "users" set "login" = $1 where "users"."id" = $2'],
  ["select * from u where name = 'O\\'Brien SECRET'", "select * from u where name = ? …"],
  ["select * from u where path = 'C:\\' and key = 'SECRET'", "select * from u where path = ? …"],
  ['select * from u where name = "O\\"Brien SECRET" and x = 1', "select * from u where name = ? …"],
  ["/* /* */ ' */ select 'SECRET'", "…"],
  ["select 1 # it's\n from u where name = 'SECRET'", "select ? …"],
  ["select a #> $1 from t", "select a #> $1 from t"],
])("%j travels as %j", (statement, expected) => {
  expect(withoutLiterals(statement)).toBe(expected);
});

test("a statement of a megabyte is cut, and so is one that never closes its quotes", () => {
  const cut = withoutLiterals(`select ${"col, ".repeat(250_000)} from t`);
  expect(cut.length).toBeLessThan(420);
  expect(cut.endsWith(" …")).toBe(true);
  for (const open of ["'", '"', "$$", "/*", "$a", "'\\"]) expect(withoutLiterals(open.repeat(200_000)).length).toBeLessThan(420);
});

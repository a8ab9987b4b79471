import { expect, test } from "vitest";
import { isOpen, licenceProblems } from "../check-licences.ts";

const integrity = "sha512-x";

test("a package without an open licence, or without a hash, is named, also of developers' tools", () => {
  const packages = {
    "": { license: "Apache-2.0" },
    "node_modules/good": { license: "MIT", integrity },
    "node_modules/good/node_modules/@scope/other": { license: "(MIT AND Zlib)", integrity },
    "node_modules/source": { license: "FSL-1.1-Apache-2.0", integrity },
    "node_modules/none": { integrity },
    "node_modules/unhashed": { license: "ISC" },
    "node_modules/tool": { license: "MIT", integrity, dev: true },
    "node_modules/tool-with-terms": { license: "BUSL-1.1", integrity, dev: true },
    "node_modules/ours": { link: true },
  };
  expect(licenceProblems(JSON.stringify({ packages }))).toEqual([
    "source: FSL-1.1-Apache-2.0 is not known to be open source",
    "none: no licence is not known to be open source",
    "unhashed: the lock has no integrity hash",
    "tool-with-terms: BUSL-1.1 is not known to be open source",
  ]);
});

test("of a choice one open licence is enough, of a sum each must be", () => {
  for (const open of ["MIT", "MIT OR Apache-2.0", "GPL-3.0-only OR MIT", "Apache-2.0 AND LGPL-3.0-or-later AND MIT"])
    expect([open, isOpen(open)]).toEqual([open, true]);
  for (const closed of ["", "UNLICENSED", "MIT AND BUSL-1.1", "SEE LICENSE IN README.md", "SSPL-1.0"])
    expect([closed, isOpen(closed)]).toEqual([closed, false]);
});

export interface Person {
  /** Handle in Slack; also the name before the `@` of the e-mail address. */
  readonly name: string;
  readonly realName: string;
  readonly email: string;
}

/** Invented responders; the first is on call. */
export const people: readonly [Person, ...Person[]] = [
  { name: "ana", realName: "Ana Ruiz", email: "ana@acme.example" },
  { name: "jonas", realName: "Jonas Berg", email: "jonas@acme.example" },
  { name: "mei", realName: "Mei Tanaka", email: "mei@acme.example" },
];

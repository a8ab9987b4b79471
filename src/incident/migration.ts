const migrationFolder = /(^|\/)(migrations?|migrate|db\/changelog|changelogs?\/db|alembic\/versions|flyway|liquibase|schema-?changes)\//i;
const migrationFile = /(^|\/)([VUR]\d[\w.]*__.+\.(sql|java|kt)|\d{8,}[_-].+\.(sql|rb|py|ts|js|php|go)|.+\.(up|down)\.sql)$/i;

/** Whether a file is a step of a database migration: reverting it does not undo what it did to the data. */
export const isMigration = (path: string): boolean =>
  (migrationFolder.test(path) && !/(^|\/)(readme[^/]*|__init__\.py)$/i.test(path)) || migrationFile.test(path);

/** How to reach the platform's PostgreSQL. Passwords are not part of it: pods read them from Secrets. */
export interface DatabaseConnection {
  /** Host name, resolvable inside the cluster. */
  host: string;
  /** TCP port. */
  port: number;
  /** Database of the NoETL server. */
  database: string;
  /** Role of the NoETL server. */
  user: string;
  /** Schema of the NoETL tables. */
  schema: string;
  /** Role that may create roles and databases. */
  adminUser: string;
  /** Whether a transaction pooler stands in front, so that no prepared statement outlives its transaction. */
  transactionPooling: boolean;
}

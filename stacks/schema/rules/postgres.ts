import { maxConnectionsOf } from "../postgres";
import { repetitions, rule, when } from "./rule";

export const reservedConnections = rule(
  "`postgres.reservedConnections` is less than `postgres.maxConnections`",
  ["postgres"],
  ({ postgres }) => {
    const { reservedConnections } = postgres;
    const maxConnections = maxConnectionsOf(postgres);
    return when(reservedConnections >= maxConnections && maxConnections > 0, {
      path: ["postgres", "reservedConnections"],
      message: `${reservedConnections} reserved connections leave none of the ${maxConnections} of postgres.maxConnections`,
      allowed: `a whole number from 0 to ${maxConnections - 1}`,
      see: ["postgres", "maxConnections"],
    });
  },
);

export const distinctDatabases = rule(
  "`postgres.extraDatabases` names each database once, and not `postgres.database`",
  ["postgres"],
  ({ postgres: { database, extraDatabases } }) => [
    ...extraDatabases.flatMap((name, index) =>
      when(name === database, {
        path: ["postgres", "extraDatabases", index],
        message: `"${name}" is postgres.database already`,
        allowed: "databases besides postgres.database",
        see: ["postgres", "database"],
      }),
    ),
    ...repetitions(extraDatabases).map(([index, first]) => ({
      path: ["postgres", "extraDatabases", index] as const,
      message: `"${extraDatabases[index] ?? ""}" is in the list already`,
      allowed: "each database once",
      see: ["postgres", "extraDatabases", first] as const,
    })),
  ],
);

/** The bootstrap refuses it: the platform must not run as administrator. */
export const separateRoles = rule(
  "`postgres.user` is not the administrator, `postgres.adminUser`",
  ["postgres"],
  ({ postgres: { user, adminUser } }) =>
    when(user === adminUser, {
      path: ["postgres", "user"],
      message: `"${user}" is the administrator, postgres.adminUser`,
      allowed: "another role than postgres.adminUser",
      see: ["postgres", "adminUser"],
    }),
);

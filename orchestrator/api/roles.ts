/** What a route lets somebody do. */
export const RIGHTS = ["view", "operate", "approve", "administer"] as const;
export type Right = (typeof RIGHTS)[number];

/** Roles of tokens. An approver does not submit, so that nobody can both ask and allow with one token. */
export const ROLES = {
  viewer: ["view"],
  operator: ["view", "operate"],
  approver: ["view", "approve"],
  admin: ["view", "operate", "approve", "administer"],
} as const satisfies Record<string, readonly Right[]>;
export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as [Role, ...Role[]];

/** Who asks. */
export interface Person {
  /** Stands in the history of what they do. */
  name: string;
  /** May do what any of them may. */
  roles: readonly Role[];
}

export function may({ roles }: Person, right: Right): boolean {
  return roles.some((role) => (ROLES[role] as readonly Right[]).includes(right));
}

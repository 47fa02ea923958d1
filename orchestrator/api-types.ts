/* eslint-disable -- made of the OpenAPI document by `npm run client`: do not edit */

export interface paths {
  "/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether the service is well, and why not
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["health"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/workflows/servers/create": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Submit a task for compute: clusters and node pools
     * @description Roles: operator, admin.
     */
    post: operations["submit_servers"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/workflows/taskserv/create": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Submit a task for one layer of the platform, with what it needs
     * @description Roles: operator, admin.
     */
    post: operations["submit_taskserv"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/workflows/cluster/create": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Submit a task for a whole environment
     * @description Roles: operator, admin.
     */
    post: operations["submit_cluster"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/batch": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Submit many tasks, all or none; they may depend on each other by ref
     * @description Roles: operator, admin.
     */
    post: operations["submit_batch"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List tasks, the newest first
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["list_tasks"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read one task
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["get_task"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/cancel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancel a task that waits, or ask one that runs to stop
     * @description Roles: operator, admin.
     */
    post: operations["cancel_task"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/retry": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Put a task that failed or was cancelled in line again
     * @description Roles: operator, admin.
     */
    post: operations["retry_task"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/approve": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Let a task run that waits for a person's approval
     * @description Roles: approver, admin.
     */
    post: operations["approve_task"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/reject": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancel a task that waits for a person's approval
     * @description Roles: approver, admin.
     */
    post: operations["reject_task"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/report": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read a task's steps, and what it changes with the impact of each change
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["get_report"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Watch all tasks
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["watch_all"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/events": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Watch one task from its beginning until it has ended
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["watch_task"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/tasks/{id}/logs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read what a task printed: a JSON object a line
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["read_logs"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/test/environments/create": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Create a test environment
     * @description Roles: operator, admin.
     */
    post: operations["create_environment"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/test/environments": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List all test environments, the newest first
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["list_environments"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/test/topologies": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the templates of topologies
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["list_topologies"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/test/environments/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get environment details, with its containers as they are
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["get_environment"];
    put?: never;
    post?: never;
    /**
     * Cleanup test environment
     * @description Roles: operator, admin.
     */
    delete: operations["delete_environment"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/test/environments/{id}/run": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Run tests in environment
     * @description Roles: operator, admin.
     */
    post: operations["run_environment"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/test/environments/{id}/logs": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get environment logs: a JSON object a line
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["read_environment_logs"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/schedules": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List schedules, with their next times
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["list_schedules"];
    put?: never;
    /**
     * Submit a task again and again, by a cron expression
     * @description Roles: operator, admin.
     */
    post: operations["create_schedule"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/schedules/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read one schedule
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["get_schedule"];
    put?: never;
    post?: never;
    /**
     * Delete a schedule; what it has submitted stays
     * @description Roles: operator, admin.
     */
    delete: operations["delete_schedule"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/schedules/{id}/pause": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Submit nothing until it is resumed
     * @description Roles: operator, admin.
     */
    post: operations["pause_schedule"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/schedules/{id}/resume": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Submit again, from the next time on; what passed meanwhile is not made up for
     * @description Roles: operator, admin.
     */
    post: operations["resume_schedule"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/queue": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read what is paused, and how much waits
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["get_queue"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/queue/pause": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Begin no task of a scope until it is resumed; what runs goes on
     * @description Roles: admin.
     */
    post: operations["pause_queue"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/queue/resume": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Begin tasks of a scope again; of everything: after a drain, too
     * @description Roles: admin.
     */
    post: operations["resume_queue"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/queue/drain": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Take no new task and begin none, until everything is resumed or the service starts anew
     * @description Roles: admin.
     */
    post: operations["drain_queue"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/storage/migration": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read how the last migration is; null: none was begun since the service was started
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["get_migration"];
    put?: never;
    /**
     * Move everything to another storage while the service works, and go on there
     * @description Roles: admin.
     */
    post: operations["begin_migration"];
    /**
     * Break off a migration that has not moved yet
     * @description Roles: admin.
     */
    delete: operations["cancel_migration"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/storage/backup": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read everything as one file, as it is at one moment
     * @description Roles: admin.
     */
    get: operations["get_backup"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/whoami": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who asks, and what they may do
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["whoami"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/queue/activity": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How deep the queue was and what came out of it, in the last hour
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["read_activity"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/metrics": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Metrics for Prometheus
     * @description Roles: viewer, operator, approver, admin.
     */
    get: operations["metrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/audit": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the audit log, oldest first
     * @description Roles: admin.
     */
    get: operations["read_audit"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/audit/verify": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow the audit log's chain of hashes
     * @description Roles: admin.
     */
    get: operations["verify_audit"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** @description A request that was refused. */
    Problem: {
      /** @constant */
      success: false;
      data: null;
      error: {
        /**
         * @description Stable, for programs.
         * @enum {string}
         */
        code:
          | "invalid"
          | "malformed-json"
          | "malformed-request"
          | "settings-refused"
          | "unauthorized"
          | "token-algorithm"
          | "token-audience"
          | "token-claims"
          | "token-expired"
          | "token-issuer"
          | "token-key-unknown"
          | "token-malformed"
          | "token-not-yet-valid"
          | "token-signature"
          | "forbidden"
          | "host-refused"
          | "no-role"
          | "origin-refused"
          | "own-task"
          | "privileged-refused"
          | "stack-refused"
          | "environment-unknown"
          | "not-found"
          | "route-unknown"
          | "settings-unknown"
          | "stack-unknown"
          | "too-slow"
          | "conflict"
          | "dependency-failed"
          | "docker-none"
          | "key-reused"
          | "lease-lost"
          | "name-taken"
          | "schedule-exists"
          | "subnet-taken"
          | "wrong-state"
          | "too-large"
          | "address-too-long"
          | "media-type"
          | "dependency-cycle"
          | "dependency-unknown"
          | "docker-refused"
          | "limit-above-host"
          | "template-unknown"
          | "tests-unknown"
          | "topology-invalid"
          | "too-many-requests"
          | "too-many-streams"
          | "headers-too-large"
          | "internal"
          | "closed"
          | "docker-down"
          | "draining"
          | "issuer-unreachable"
          | "no-leader"
          | "queue-full"
          | "storage-away"
          | "storage-broken"
          | "unhealthy"
          | "disk-full";
        /** @description For people. */
        message: string;
        /** @description The field that is to blame, as body.servers[0]; null when none is. */
        path: string | null;
        /** @description All fields that are to blame. */
        problems: {
          path: string;
          message: string;
        }[];
      };
    };
  };
  responses: {
    /** @description The request was refused. Nothing was changed. */
    Problem: {
      headers: {
        [name: string]: unknown;
      };
      content: {
        "application/json": components["schemas"]["Problem"];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  health: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It takes work. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              /** @enum {string} */
              status: "healthy" | "unhealthy";
              /** @description Why it takes no new work; empty when it does. */
              reasons: string[];
              engine: string;
              /** @description Tasks by status. */
              tasks: {
                [key: string]: number;
              };
              /** @description Tasks that have not ended, by what they wait for. */
              waiting: {
                [key: string]: number;
              };
              /** @description How the connection to NATS is, by which tasks are handed out; null: they are done here. */
              nats: ("connected" | "away") | null;
              /** @description What was repaired when the service started, and what tasks wait for now. */
              notices: string[];
              /** @description The nodes that share the storage, and who leads; null where only one can have it. */
              cluster: {
                node: string;
                /** @enum {string} */
                role: "leader" | "follower";
                leader: string | null;
                nodes: {
                  node: string;
                  url: string;
                  concurrency: number;
                }[];
              } | null;
            };
            error: null;
          };
        };
      };
      /** @description It takes no new work. */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: false;
            data: {
              /** @enum {string} */
              status: "healthy" | "unhealthy";
              /** @description Why it takes no new work; empty when it does. */
              reasons: string[];
              engine: string;
              /** @description Tasks by status. */
              tasks: {
                [key: string]: number;
              };
              /** @description Tasks that have not ended, by what they wait for. */
              waiting: {
                [key: string]: number;
              };
              /** @description How the connection to NATS is, by which tasks are handed out; null: they are done here. */
              nats: ("connected" | "away") | null;
              /** @description What was repaired when the service started, and what tasks wait for now. */
              notices: string[];
              /** @description The nodes that share the storage, and who leads; null where only one can have it. */
              cluster: {
                node: string;
                /** @enum {string} */
                role: "leader" | "follower";
                leader: string | null;
                nodes: {
                  node: string;
                  url: string;
                  concurrency: number;
                }[];
              } | null;
            };
            error: {
              /** @constant */
              code: "unhealthy";
              message: string;
            };
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  submit_servers: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key gives the same task: a request that may have been lost can be sent again. */
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description The stack, as production for Pulumi.production.yaml. */
          infra: string;
          /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
          settings?: string;
          /**
           * @default create
           * @enum {string}
           */
          operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
          /**
           * @description Only preview the operation.
           * @default false
           */
          check_mode?: boolean;
          /**
           * @description Answer once the task has ended, or after wait_seconds.
           * @default false
           */
          wait?: boolean;
          /** @default 60 */
          wait_seconds?: number;
          /**
           * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
           * @default false
           */
          require_approval?: boolean;
          /** @description For people; what looks like a secret is taken out. */
          name?: string;
          /** @description Greater is more urgent. Default: 5. */
          priority?: number;
          /** @description Further attempts after one that failed. Default: 3. */
          retries?: number;
          /** @description Of one attempt. Default: 3600. */
          timeout_seconds?: number;
          /**
           * Format: date-time
           * @description Not to be run before. Default: at once.
           */
          not_before?: string;
          /** @default [] */
          depends_on?: string[];
          /**
           * @description Clusters and node pools. Default: all of the stack.
           * @default []
           */
          servers?: string[];
          /**
           * @description Destroy what needs it, too. Default: a destroy is refused as long as others need it.
           * @default false
           */
          dependents?: boolean;
        };
      };
    };
    responses: {
      /** @description The task has ended, which was waited for. `success` tells how. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | {
                /** @constant */
                success: true;
                /** @description Id of the task. */
                data: string;
                error: null;
              }
            | {
                /** @constant */
                success: false;
                /** @description Id of the task. */
                data: string;
                error: {
                  code: string;
                  message: string;
                };
              };
        };
      };
      /** @description The task was submitted, durably; `data` is its id. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Id of the task. */
            data: string;
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  submit_taskserv: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key gives the same task: a request that may have been lost can be sent again. */
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description The stack, as production for Pulumi.production.yaml. */
          infra: string;
          /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
          settings?: string;
          /**
           * @default create
           * @enum {string}
           */
          operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
          /**
           * @description Only preview the operation.
           * @default false
           */
          check_mode?: boolean;
          /**
           * @description Answer once the task has ended, or after wait_seconds.
           * @default false
           */
          wait?: boolean;
          /** @default 60 */
          wait_seconds?: number;
          /**
           * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
           * @default false
           */
          require_approval?: boolean;
          /** @description For people; what looks like a secret is taken out. */
          name?: string;
          /** @description Greater is more urgent. Default: 5. */
          priority?: number;
          /** @description Further attempts after one that failed. Default: 3. */
          retries?: number;
          /** @description Of one attempt. Default: 3600. */
          timeout_seconds?: number;
          /**
           * Format: date-time
           * @description Not to be run before. Default: at once.
           */
          not_before?: string;
          /** @default [] */
          depends_on?: string[];
          /**
           * @description The layer of the platform; what it needs comes with it.
           * @enum {string}
           */
          taskserv:
            | "cert-manager"
            | "firestore-agent"
            | "gateway"
            | "keda"
            | "monitoring"
            | "namespaces"
            | "nats"
            | "network"
            | "ollama-bridge"
            | "orchestrator"
            | "postgres"
            | "registry"
            | "secrets"
            | "server"
            | "subscriptions"
            | "tls"
            | "workers";
          /**
           * @description Destroy what needs it, too. Default: a destroy is refused as long as others need it.
           * @default false
           */
          dependents?: boolean;
        };
      };
    };
    responses: {
      /** @description The task has ended, which was waited for. `success` tells how. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | {
                /** @constant */
                success: true;
                /** @description Id of the task. */
                data: string;
                error: null;
              }
            | {
                /** @constant */
                success: false;
                /** @description Id of the task. */
                data: string;
                error: {
                  code: string;
                  message: string;
                };
              };
        };
      };
      /** @description The task was submitted, durably; `data` is its id. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Id of the task. */
            data: string;
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  submit_cluster: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key gives the same task: a request that may have been lost can be sent again. */
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description The stack, as production for Pulumi.production.yaml. */
          infra: string;
          /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
          settings?: string;
          /**
           * @default create
           * @enum {string}
           */
          operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
          /**
           * @description Only preview the operation.
           * @default false
           */
          check_mode?: boolean;
          /**
           * @description Answer once the task has ended, or after wait_seconds.
           * @default false
           */
          wait?: boolean;
          /** @default 60 */
          wait_seconds?: number;
          /**
           * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
           * @default false
           */
          require_approval?: boolean;
          /** @description For people; what looks like a secret is taken out. */
          name?: string;
          /** @description Greater is more urgent. Default: 5. */
          priority?: number;
          /** @description Further attempts after one that failed. Default: 3. */
          retries?: number;
          /** @description Of one attempt. Default: 3600. */
          timeout_seconds?: number;
          /**
           * Format: date-time
           * @description Not to be run before. Default: at once.
           */
          not_before?: string;
          /** @default [] */
          depends_on?: string[];
        };
      };
    };
    responses: {
      /** @description The task has ended, which was waited for. `success` tells how. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | {
                /** @constant */
                success: true;
                /** @description Id of the task. */
                data: string;
                error: null;
              }
            | {
                /** @constant */
                success: false;
                /** @description Id of the task. */
                data: string;
                error: {
                  code: string;
                  message: string;
                };
              };
        };
      };
      /** @description The task was submitted, durably; `data` is its id. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Id of the task. */
            data: string;
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  submit_batch: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key gives the same task: a request that may have been lost can be sent again. */
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          tasks: (
            | {
                /** @constant */
                workflow: "servers";
                /** @description Its name in the batch, for depends_on of others. */
                ref?: string;
                /** @description The stack, as production for Pulumi.production.yaml. */
                infra: string;
                /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
                settings?: string;
                /**
                 * @default create
                 * @enum {string}
                 */
                operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
                /**
                 * @description Only preview the operation.
                 * @default false
                 */
                check_mode?: boolean;
                /**
                 * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
                 * @default false
                 */
                require_approval?: boolean;
                /** @description For people; what looks like a secret is taken out. */
                name?: string;
                /** @description Greater is more urgent. Default: 5. */
                priority?: number;
                /** @description Further attempts after one that failed. Default: 3. */
                retries?: number;
                /** @description Of one attempt. Default: 3600. */
                timeout_seconds?: number;
                /**
                 * Format: date-time
                 * @description Not to be run before. Default: at once.
                 */
                not_before?: string;
                /** @default [] */
                depends_on?: string[];
                /**
                 * @description Clusters and node pools. Default: all of the stack.
                 * @default []
                 */
                servers?: string[];
                /**
                 * @description Destroy what needs it, too. Default: a destroy is refused as long as others need it.
                 * @default false
                 */
                dependents?: boolean;
              }
            | {
                /** @constant */
                workflow: "taskserv";
                /** @description Its name in the batch, for depends_on of others. */
                ref?: string;
                /** @description The stack, as production for Pulumi.production.yaml. */
                infra: string;
                /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
                settings?: string;
                /**
                 * @default create
                 * @enum {string}
                 */
                operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
                /**
                 * @description Only preview the operation.
                 * @default false
                 */
                check_mode?: boolean;
                /**
                 * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
                 * @default false
                 */
                require_approval?: boolean;
                /** @description For people; what looks like a secret is taken out. */
                name?: string;
                /** @description Greater is more urgent. Default: 5. */
                priority?: number;
                /** @description Further attempts after one that failed. Default: 3. */
                retries?: number;
                /** @description Of one attempt. Default: 3600. */
                timeout_seconds?: number;
                /**
                 * Format: date-time
                 * @description Not to be run before. Default: at once.
                 */
                not_before?: string;
                /** @default [] */
                depends_on?: string[];
                /**
                 * @description The layer of the platform; what it needs comes with it.
                 * @enum {string}
                 */
                taskserv:
                  | "cert-manager"
                  | "firestore-agent"
                  | "gateway"
                  | "keda"
                  | "monitoring"
                  | "namespaces"
                  | "nats"
                  | "network"
                  | "ollama-bridge"
                  | "orchestrator"
                  | "postgres"
                  | "registry"
                  | "secrets"
                  | "server"
                  | "subscriptions"
                  | "tls"
                  | "workers";
                /**
                 * @description Destroy what needs it, too. Default: a destroy is refused as long as others need it.
                 * @default false
                 */
                dependents?: boolean;
              }
            | {
                /** @constant */
                workflow: "cluster";
                /** @description Its name in the batch, for depends_on of others. */
                ref?: string;
                /** @description The stack, as production for Pulumi.production.yaml. */
                infra: string;
                /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
                settings?: string;
                /**
                 * @default create
                 * @enum {string}
                 */
                operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
                /**
                 * @description Only preview the operation.
                 * @default false
                 */
                check_mode?: boolean;
                /**
                 * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
                 * @default false
                 */
                require_approval?: boolean;
                /** @description For people; what looks like a secret is taken out. */
                name?: string;
                /** @description Greater is more urgent. Default: 5. */
                priority?: number;
                /** @description Further attempts after one that failed. Default: 3. */
                retries?: number;
                /** @description Of one attempt. Default: 3600. */
                timeout_seconds?: number;
                /**
                 * Format: date-time
                 * @description Not to be run before. Default: at once.
                 */
                not_before?: string;
                /** @default [] */
                depends_on?: string[];
              }
          )[];
        };
      };
    };
    responses: {
      /** @description All were submitted, durably; `data` has their ids in the same order. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: string[];
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  list_tasks: {
    parameters: {
      query?: {
        /** @description May be repeated, like the next two. */
        status?:
          | ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled")
          | ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled")[];
        kind?:
          | ("servers" | "taskserv" | "cluster" | "test_environment")
          | ("servers" | "taskserv" | "cluster" | "test_environment")[];
        operation?:
          | ("create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test")
          | ("create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test")[];
        stack?: string;
        /** @description Those that wait for a person. */
        needs_approval?: "true" | "false";
        /** @description Words of id, name, stack, workflow, operation and who submitted; a page may then be short. */
        search?: string;
        /** @description Leaves out what is long: input and history are empty, result is null. */
        brief?: "true" | "false";
        first?: "newest" | "oldest";
        limit?: number;
        /** @description Of the page before. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of tasks. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              id: string;
              name: string | null;
              /** @enum {string} */
              kind: "servers" | "taskserv" | "cluster" | "test_environment";
              /** @enum {string} */
              operation: "create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test";
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              /** @description What a pending task waits for. */
              waiting: string | null;
              stack: string | null;
              /** @description What was asked for. */
              input: {
                [key: string]: unknown;
              };
              priority: number;
              attempts: number;
              retries: number;
              timeout_seconds: number;
              depends_on: string[];
              /** Format: date-time */
              created_at: string;
              not_before: string | null;
              started_at: string | null;
              completed_at: string | null;
              /** @description Who submitted it. */
              by: string;
              approval: {
                /** @enum {string} */
                state: "waiting" | "approved";
                by: string | null;
                why: string | null;
              } | null;
              /** @description It runs, and was asked to stop. */
              cancelling: boolean;
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description What it did; null until it is completed. */
              result: unknown;
              /** @description Why the last attempt failed. */
              error: {
                code: string;
                message: string;
                permanent: boolean;
              } | null;
              /** @description Every transition, oldest first. */
              history: {
                from: ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled") | null;
                /** @enum {string} */
                to: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                at: string;
                by: string;
                why: string;
              }[];
            }[];
            error: null;
            /** @description For the next page; null: there are no more. */
            cursor: string | null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_task: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The task. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description A unit of work. */
            data: {
              id: string;
              name: string | null;
              /** @enum {string} */
              kind: "servers" | "taskserv" | "cluster" | "test_environment";
              /** @enum {string} */
              operation: "create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test";
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              /** @description What a pending task waits for. */
              waiting: string | null;
              stack: string | null;
              /** @description What was asked for. */
              input: {
                [key: string]: unknown;
              };
              priority: number;
              attempts: number;
              retries: number;
              timeout_seconds: number;
              depends_on: string[];
              /** Format: date-time */
              created_at: string;
              not_before: string | null;
              started_at: string | null;
              completed_at: string | null;
              /** @description Who submitted it. */
              by: string;
              approval: {
                /** @enum {string} */
                state: "waiting" | "approved";
                by: string | null;
                why: string | null;
              } | null;
              /** @description It runs, and was asked to stop. */
              cancelling: boolean;
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description What it did; null until it is completed. */
              result: unknown;
              /** @description Why the last attempt failed. */
              error: {
                code: string;
                message: string;
                permanent: boolean;
              } | null;
              /** @description Every transition, oldest first. */
              history: {
                from: ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled") | null;
                /** @enum {string} */
                to: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                at: string;
                by: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  cancel_task: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description The task afterwards. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description A unit of work. */
            data: {
              id: string;
              name: string | null;
              /** @enum {string} */
              kind: "servers" | "taskserv" | "cluster" | "test_environment";
              /** @enum {string} */
              operation: "create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test";
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              /** @description What a pending task waits for. */
              waiting: string | null;
              stack: string | null;
              /** @description What was asked for. */
              input: {
                [key: string]: unknown;
              };
              priority: number;
              attempts: number;
              retries: number;
              timeout_seconds: number;
              depends_on: string[];
              /** Format: date-time */
              created_at: string;
              not_before: string | null;
              started_at: string | null;
              completed_at: string | null;
              /** @description Who submitted it. */
              by: string;
              approval: {
                /** @enum {string} */
                state: "waiting" | "approved";
                by: string | null;
                why: string | null;
              } | null;
              /** @description It runs, and was asked to stop. */
              cancelling: boolean;
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description What it did; null until it is completed. */
              result: unknown;
              /** @description Why the last attempt failed. */
              error: {
                code: string;
                message: string;
                permanent: boolean;
              } | null;
              /** @description Every transition, oldest first. */
              history: {
                from: ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled") | null;
                /** @enum {string} */
                to: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                at: string;
                by: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  retry_task: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description The task afterwards. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description A unit of work. */
            data: {
              id: string;
              name: string | null;
              /** @enum {string} */
              kind: "servers" | "taskserv" | "cluster" | "test_environment";
              /** @enum {string} */
              operation: "create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test";
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              /** @description What a pending task waits for. */
              waiting: string | null;
              stack: string | null;
              /** @description What was asked for. */
              input: {
                [key: string]: unknown;
              };
              priority: number;
              attempts: number;
              retries: number;
              timeout_seconds: number;
              depends_on: string[];
              /** Format: date-time */
              created_at: string;
              not_before: string | null;
              started_at: string | null;
              completed_at: string | null;
              /** @description Who submitted it. */
              by: string;
              approval: {
                /** @enum {string} */
                state: "waiting" | "approved";
                by: string | null;
                why: string | null;
              } | null;
              /** @description It runs, and was asked to stop. */
              cancelling: boolean;
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description What it did; null until it is completed. */
              result: unknown;
              /** @description Why the last attempt failed. */
              error: {
                code: string;
                message: string;
                permanent: boolean;
              } | null;
              /** @description Every transition, oldest first. */
              history: {
                from: ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled") | null;
                /** @enum {string} */
                to: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                at: string;
                by: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  approve_task: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description The task afterwards. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description A unit of work. */
            data: {
              id: string;
              name: string | null;
              /** @enum {string} */
              kind: "servers" | "taskserv" | "cluster" | "test_environment";
              /** @enum {string} */
              operation: "create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test";
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              /** @description What a pending task waits for. */
              waiting: string | null;
              stack: string | null;
              /** @description What was asked for. */
              input: {
                [key: string]: unknown;
              };
              priority: number;
              attempts: number;
              retries: number;
              timeout_seconds: number;
              depends_on: string[];
              /** Format: date-time */
              created_at: string;
              not_before: string | null;
              started_at: string | null;
              completed_at: string | null;
              /** @description Who submitted it. */
              by: string;
              approval: {
                /** @enum {string} */
                state: "waiting" | "approved";
                by: string | null;
                why: string | null;
              } | null;
              /** @description It runs, and was asked to stop. */
              cancelling: boolean;
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description What it did; null until it is completed. */
              result: unknown;
              /** @description Why the last attempt failed. */
              error: {
                code: string;
                message: string;
                permanent: boolean;
              } | null;
              /** @description Every transition, oldest first. */
              history: {
                from: ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled") | null;
                /** @enum {string} */
                to: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                at: string;
                by: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  reject_task: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description The task afterwards. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description A unit of work. */
            data: {
              id: string;
              name: string | null;
              /** @enum {string} */
              kind: "servers" | "taskserv" | "cluster" | "test_environment";
              /** @enum {string} */
              operation: "create" | "update" | "preview" | "refresh" | "destroy" | "drift" | "test";
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              /** @description What a pending task waits for. */
              waiting: string | null;
              stack: string | null;
              /** @description What was asked for. */
              input: {
                [key: string]: unknown;
              };
              priority: number;
              attempts: number;
              retries: number;
              timeout_seconds: number;
              depends_on: string[];
              /** Format: date-time */
              created_at: string;
              not_before: string | null;
              started_at: string | null;
              completed_at: string | null;
              /** @description Who submitted it. */
              by: string;
              approval: {
                /** @enum {string} */
                state: "waiting" | "approved";
                by: string | null;
                why: string | null;
              } | null;
              /** @description It runs, and was asked to stop. */
              cancelling: boolean;
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description What it did; null until it is completed. */
              result: unknown;
              /** @description Why the last attempt failed. */
              error: {
                code: string;
                message: string;
                permanent: boolean;
              } | null;
              /** @description Every transition, oldest first. */
              history: {
                from: ("Pending" | "Running" | "Completed" | "Failed" | "Cancelled") | null;
                /** @enum {string} */
                to: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                at: string;
                by: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_report: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The report so far. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              task: string;
              /** @enum {string} */
              status: "Pending" | "Running" | "Completed" | "Failed" | "Cancelled";
              steps: {
                name: string;
                /** @enum {string} */
                status: "Running" | "Completed" | "Failed" | "Cancelled";
                /** Format: date-time */
                started_at: string;
                completed_at: string | null;
              }[];
              progress: {
                done: number;
                total: number;
                message: string;
              } | null;
              /** @description Null until the task is completed, and where its engine tells none. */
              impact: {
                engine: string;
                /** @description What the stack was compared with. */
                compared_with: string;
                changed: number;
                unchanged: number;
                /** @description How many resources have which impact. */
                impacts: {
                  [key: string]: number;
                };
                resources: {
                  urn: string;
                  kind: string;
                  namespace: string | null;
                  name: string;
                  /** @enum {string} */
                  impact:
                    | "data-at-risk"
                    | "refused"
                    | "replace"
                    | "delete"
                    | "capacity-drop"
                    | "rolling-restart"
                    | "secret-rotation"
                    | "config-reload"
                    | "update"
                    | "create";
                  reason: string;
                  /** @description Paths of the fields that change; never their values. */
                  fields: string[];
                }[];
                findings: {
                  rule: string;
                  severity: string;
                  message: string;
                }[];
              } | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  watch_all: {
    parameters: {
      query?: never;
      header?: {
        /** @description The last event that was seen: what came after it is sent first. */
        "last-event-id"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-sent events: `task` with an id, `progress` without. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  watch_task: {
    parameters: {
      query?: never;
      header?: {
        /** @description The last event that was seen: what came after it is sent first. */
        "last-event-id"?: string;
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-sent events: `task` with an id, `progress` without. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/event-stream": string;
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  read_logs: {
    parameters: {
      query?: {
        /** @description Goes on until the task has ended. */
        follow?: "true" | "false";
        /** @description Lines to leave out. */
        after?: number;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lines with `at`, `stream` and `text`. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/x-ndjson": string;
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  create_environment: {
    parameters: {
      query?: never;
      header?: {
        /** @description The same key gives the same task: a request that may have been lost can be sent again. */
        "idempotency-key"?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          config:
            | {
                /** @constant */
                type: "single_taskserv";
                taskserv: string;
                /** @description A bare machine of this image instead of the taskserv's own. */
                base_image?: string;
                /**
                 * @description Limits of each container.
                 * @default {}
                 */
                resources?: {
                  /**
                   * @description Thousandths of a processor.
                   * @default 1000
                   */
                  cpu_millicores?: number;
                  /**
                   * @description MiB; there is no swap beside it.
                   * @default 512
                   */
                  memory_mb?: number;
                  /**
                   * @description MiB that may be written.
                   * @default 1024
                   */
                  disk_mb?: number;
                  /**
                   * @description Processes and threads.
                   * @default 512
                   */
                  pids?: number;
                };
                /** @default {} */
                env?: {
                  [key: string]: string;
                };
                /** @default true */
                read_only?: boolean;
              }
            | {
                /** @constant */
                type: "server_simulation";
                server_name: string;
                taskservs: string[];
                /** @description A bare machine of this image instead of the taskservs' own. */
                base_image?: string;
                /**
                 * @description Limits of each container.
                 * @default {}
                 */
                resources?: {
                  /**
                   * @description Thousandths of a processor.
                   * @default 1000
                   */
                  cpu_millicores?: number;
                  /**
                   * @description MiB; there is no swap beside it.
                   * @default 512
                   */
                  memory_mb?: number;
                  /**
                   * @description MiB that may be written.
                   * @default 1024
                   */
                  disk_mb?: number;
                  /**
                   * @description Processes and threads.
                   * @default 512
                   */
                  pids?: number;
                };
                /** @default {} */
                env?: {
                  [key: string]: string;
                };
                /** @default true */
                read_only?: boolean;
              }
            | {
                /** @constant */
                type: "cluster_topology";
                cluster_type?: string;
                /** @description Instead of a topology. */
                template?: string;
                topology?: {
                  nodes: {
                    name: string;
                    /** @default node */
                    role?: string;
                    taskservs: string[];
                    /** @description A bare machine of this image instead of the taskservs' own images. */
                    base_image?: string;
                    /**
                     * @description Limits of each container.
                     * @default {}
                     */
                    resources?: {
                      /**
                       * @description Thousandths of a processor.
                       * @default 1000
                       */
                      cpu_millicores?: number;
                      /**
                       * @description MiB; there is no swap beside it.
                       * @default 512
                       */
                      memory_mb?: number;
                      /**
                       * @description MiB that may be written.
                       * @default 1024
                       */
                      disk_mb?: number;
                      /**
                       * @description Processes and threads.
                       * @default 512
                       */
                      pids?: number;
                    };
                    /**
                     * @description Nodes that must be healthy before this one starts.
                     * @default []
                     */
                    depends_on?: string[];
                    /** @default {} */
                    env?: {
                      [key: string]: string;
                    };
                    /**
                     * @description Refused unless the server allows it.
                     * @default false
                     */
                    privileged?: boolean;
                    /**
                     * @description Root file system.
                     * @default true
                     */
                    read_only?: boolean;
                  }[];
                  /** @default {} */
                  network?: {
                    /**
                     * Format: cidrv4
                     * @description Default: one that is free.
                     */
                    subnet?: string;
                  };
                };
              };
          /** @description No two environments have the same. Default: its id. */
          name?: string;
          /** @description The stack it stands for, for people. */
          infra?: string;
          /**
           * @description Start it and wait until it is healthy. Else its first run does.
           * @default false
           */
          auto_start?: boolean;
          /**
           * @description Remove its containers once tests have run.
           * @default false
           */
          auto_cleanup?: boolean;
          /**
           * @description It is removed when they are over.
           * @default 240
           */
          ttl_minutes?: number;
          /**
           * @description Other images of taskservs.
           * @default {}
           */
          images?: {
            [key: string]: string;
          };
          /**
           * @description Answer once it is there, or after wait_seconds.
           * @default false
           */
          wait?: boolean;
          /** @default 60 */
          wait_seconds?: number;
        };
      };
    };
    responses: {
      /** @description Its creation has ended, which was waited for. `success` tells how. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | {
                /** @constant */
                success: true;
                /** @description A test environment. */
                data: {
                  id: string;
                  name: string;
                  /** @enum {string} */
                  type: "single_taskserv" | "server_simulation" | "cluster_topology";
                  template: string | null;
                  infra: string | null;
                  /** @enum {string} */
                  status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
                  /** @description The last task about it. */
                  task_id: string | null;
                  by: string;
                  /** Format: date-time */
                  created_at: string;
                  /**
                   * Format: date-time
                   * @description It is removed then.
                   */
                  expires_at: string;
                  auto_start: boolean;
                  auto_cleanup: boolean;
                  subnet: string | null;
                  images: {
                    name: string;
                    id: string;
                    digest: string | null;
                  }[];
                  /** @description What should be known of it, as limits that cannot be enforced here. */
                  notices: string[];
                  /** @description Of the last run. */
                  tests:
                    | {
                        name: string;
                        container: string;
                        passed: boolean;
                        /** @description Null: it took too long. */
                        exit_code: number | null;
                        seconds: number;
                        /** @description The end of what it printed, and why it failed. */
                        output: string;
                      }[]
                    | null;
                  error: {
                    code: string;
                    message: string;
                  } | null;
                };
                error: null;
              }
            | {
                /** @constant */
                success: false;
                /** @description A test environment. */
                data: {
                  id: string;
                  name: string;
                  /** @enum {string} */
                  type: "single_taskserv" | "server_simulation" | "cluster_topology";
                  template: string | null;
                  infra: string | null;
                  /** @enum {string} */
                  status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
                  /** @description The last task about it. */
                  task_id: string | null;
                  by: string;
                  /** Format: date-time */
                  created_at: string;
                  /**
                   * Format: date-time
                   * @description It is removed then.
                   */
                  expires_at: string;
                  auto_start: boolean;
                  auto_cleanup: boolean;
                  subnet: string | null;
                  images: {
                    name: string;
                    id: string;
                    digest: string | null;
                  }[];
                  /** @description What should be known of it, as limits that cannot be enforced here. */
                  notices: string[];
                  /** @description Of the last run. */
                  tests:
                    | {
                        name: string;
                        container: string;
                        passed: boolean;
                        /** @description Null: it took too long. */
                        exit_code: number | null;
                        seconds: number;
                        /** @description The end of what it printed, and why it failed. */
                        output: string;
                      }[]
                    | null;
                  error: {
                    code: string;
                    message: string;
                  } | null;
                };
                error: {
                  code: string;
                  message: string;
                };
              };
        };
      };
      /** @description A task makes it; `data.task_id` is its id. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description A test environment. */
            data: {
              id: string;
              name: string;
              /** @enum {string} */
              type: "single_taskserv" | "server_simulation" | "cluster_topology";
              template: string | null;
              infra: string | null;
              /** @enum {string} */
              status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
              /** @description The last task about it. */
              task_id: string | null;
              by: string;
              /** Format: date-time */
              created_at: string;
              /**
               * Format: date-time
               * @description It is removed then.
               */
              expires_at: string;
              auto_start: boolean;
              auto_cleanup: boolean;
              subnet: string | null;
              images: {
                name: string;
                id: string;
                digest: string | null;
              }[];
              /** @description What should be known of it, as limits that cannot be enforced here. */
              notices: string[];
              /** @description Of the last run. */
              tests:
                | {
                    name: string;
                    container: string;
                    passed: boolean;
                    /** @description Null: it took too long. */
                    exit_code: number | null;
                    seconds: number;
                    /** @description The end of what it printed, and why it failed. */
                    output: string;
                  }[]
                | null;
              error: {
                code: string;
                message: string;
              } | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  list_environments: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Environments. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              id: string;
              name: string;
              /** @enum {string} */
              type: "single_taskserv" | "server_simulation" | "cluster_topology";
              template: string | null;
              infra: string | null;
              /** @enum {string} */
              status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
              /** @description The last task about it. */
              task_id: string | null;
              by: string;
              /** Format: date-time */
              created_at: string;
              /**
               * Format: date-time
               * @description It is removed then.
               */
              expires_at: string;
              auto_start: boolean;
              auto_cleanup: boolean;
              subnet: string | null;
              images: {
                name: string;
                id: string;
                digest: string | null;
              }[];
              /** @description What should be known of it, as limits that cannot be enforced here. */
              notices: string[];
              /** @description Of the last run. */
              tests:
                | {
                    name: string;
                    container: string;
                    passed: boolean;
                    /** @description Null: it took too long. */
                    exit_code: number | null;
                    seconds: number;
                    /** @description The end of what it printed, and why it failed. */
                    output: string;
                  }[]
                | null;
              error: {
                code: string;
                message: string;
              } | null;
            }[];
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  list_topologies: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Templates. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              name: string;
              description: string;
              cluster_type: string;
              /** @description May be sent as config.topology. */
              topology: {
                nodes: {
                  name: string;
                  /** @default node */
                  role: string;
                  taskservs: string[];
                  /** @description A bare machine of this image instead of the taskservs' own images. */
                  base_image?: string;
                  /** @description Limits of each container. */
                  resources: {
                    /**
                     * @description Thousandths of a processor.
                     * @default 1000
                     */
                    cpu_millicores: number;
                    /**
                     * @description MiB; there is no swap beside it.
                     * @default 512
                     */
                    memory_mb: number;
                    /**
                     * @description MiB that may be written.
                     * @default 1024
                     */
                    disk_mb: number;
                    /**
                     * @description Processes and threads.
                     * @default 512
                     */
                    pids: number;
                  };
                  /**
                   * @description Nodes that must be healthy before this one starts.
                   * @default []
                   */
                  depends_on: string[];
                  /** @default {} */
                  env: {
                    [key: string]: string;
                  };
                  /**
                   * @description Refused unless the server allows it.
                   * @default false
                   */
                  privileged: boolean;
                  /**
                   * @description Root file system.
                   * @default true
                   */
                  read_only: boolean;
                }[];
                network: {
                  /**
                   * Format: cidrv4
                   * @description Default: one that is free.
                   */
                  subnet?: string;
                };
              };
            }[];
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_environment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The environment. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              id: string;
              name: string;
              /** @enum {string} */
              type: "single_taskserv" | "server_simulation" | "cluster_topology";
              template: string | null;
              infra: string | null;
              /** @enum {string} */
              status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
              /** @description The last task about it. */
              task_id: string | null;
              by: string;
              /** Format: date-time */
              created_at: string;
              /**
               * Format: date-time
               * @description It is removed then.
               */
              expires_at: string;
              auto_start: boolean;
              auto_cleanup: boolean;
              subnet: string | null;
              images: {
                name: string;
                id: string;
                digest: string | null;
              }[];
              /** @description What should be known of it, as limits that cannot be enforced here. */
              notices: string[];
              /** @description Of the last run. */
              tests:
                | {
                    name: string;
                    container: string;
                    passed: boolean;
                    /** @description Null: it took too long. */
                    exit_code: number | null;
                    seconds: number;
                    /** @description The end of what it printed, and why it failed. */
                    output: string;
                  }[]
                | null;
              error: {
                code: string;
                message: string;
              } | null;
              /** @description Null: Docker does not answer. */
              containers:
                | {
                    name: string;
                    node: string;
                    image: string;
                    /** @description As Docker says: created, running, exited. */
                    state: string;
                    address: string | null;
                  }[]
                | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  delete_environment: {
    parameters: {
      query?: {
        /** @description Answer once it is gone, or after wait_seconds. */
        wait?: "true" | "false";
        wait_seconds?: number;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is gone, which was waited for, or `success` is false. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | {
                /** @constant */
                success: true;
                data: {
                  /** @description Of the environment. */
                  id: string;
                  task_id: string;
                };
                error: null;
              }
            | {
                /** @constant */
                success: false;
                data: {
                  /** @description Of the environment. */
                  id: string;
                  task_id: string;
                };
                error: {
                  code: string;
                  message: string;
                };
              };
        };
      };
      /** @description A task removes it. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              /** @description Of the environment. */
              id: string;
              task_id: string;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  run_environment: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /**
           * @description Names of tests. Default: all.
           * @default []
           */
          tests?: string[];
          /** @description Run by `sh -c` instead of the environment's tests. Shown nowhere: it may hold secrets. */
          script?: string;
          /** @description Where the script runs. Default: on the first node. */
          node?: string;
          /**
           * @description Of the script.
           * @default 300
           */
          timeout_seconds?: number;
          /** @default false */
          wait?: boolean;
          /** @default 60 */
          wait_seconds?: number;
        };
      };
    };
    responses: {
      /** @description The run has ended, which was waited for. `success` tells how; `data.tests` is its report. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json":
            | {
                /** @constant */
                success: true;
                /** @description A test environment. */
                data: {
                  id: string;
                  name: string;
                  /** @enum {string} */
                  type: "single_taskserv" | "server_simulation" | "cluster_topology";
                  template: string | null;
                  infra: string | null;
                  /** @enum {string} */
                  status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
                  /** @description The last task about it. */
                  task_id: string | null;
                  by: string;
                  /** Format: date-time */
                  created_at: string;
                  /**
                   * Format: date-time
                   * @description It is removed then.
                   */
                  expires_at: string;
                  auto_start: boolean;
                  auto_cleanup: boolean;
                  subnet: string | null;
                  images: {
                    name: string;
                    id: string;
                    digest: string | null;
                  }[];
                  /** @description What should be known of it, as limits that cannot be enforced here. */
                  notices: string[];
                  /** @description Of the last run. */
                  tests:
                    | {
                        name: string;
                        container: string;
                        passed: boolean;
                        /** @description Null: it took too long. */
                        exit_code: number | null;
                        seconds: number;
                        /** @description The end of what it printed, and why it failed. */
                        output: string;
                      }[]
                    | null;
                  error: {
                    code: string;
                    message: string;
                  } | null;
                };
                error: null;
              }
            | {
                /** @constant */
                success: false;
                /** @description A test environment. */
                data: {
                  id: string;
                  name: string;
                  /** @enum {string} */
                  type: "single_taskserv" | "server_simulation" | "cluster_topology";
                  template: string | null;
                  infra: string | null;
                  /** @enum {string} */
                  status: "Creating" | "Created" | "Running" | "Testing" | "Failed" | "Cleaned" | "Deleting";
                  /** @description The last task about it. */
                  task_id: string | null;
                  by: string;
                  /** Format: date-time */
                  created_at: string;
                  /**
                   * Format: date-time
                   * @description It is removed then.
                   */
                  expires_at: string;
                  auto_start: boolean;
                  auto_cleanup: boolean;
                  subnet: string | null;
                  images: {
                    name: string;
                    id: string;
                    digest: string | null;
                  }[];
                  /** @description What should be known of it, as limits that cannot be enforced here. */
                  notices: string[];
                  /** @description Of the last run. */
                  tests:
                    | {
                        name: string;
                        container: string;
                        passed: boolean;
                        /** @description Null: it took too long. */
                        exit_code: number | null;
                        seconds: number;
                        /** @description The end of what it printed, and why it failed. */
                        output: string;
                      }[]
                    | null;
                  error: {
                    code: string;
                    message: string;
                  } | null;
                };
                error: {
                  code: string;
                  message: string;
                };
              };
        };
      };
      /** @description A task runs them. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              /** @description Of the environment. */
              id: string;
              task_id: string;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  read_environment_logs: {
    parameters: {
      query?: {
        /** @description Goes on until all containers have ended. */
        follow?: "true" | "false";
        /** @description Last lines of each container. Default: all. */
        tail?: string;
        /** @description Only of this node. */
        node?: string;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lines with `at`, `container`, `stream` and `text`. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/x-ndjson": string;
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  list_schedules: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All, by their ids. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              id: string;
              cron: string;
              timezone: string;
              /** @enum {string} */
              overlap: "skip" | "allow" | "replace";
              /** @description What is submitted, as it was asked for. */
              task: {
                [key: string]: unknown;
              };
              /** @description Who made it. */
              by: string;
              /** Format: date-time */
              created_at: string;
              paused: {
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              } | null;
              /** @description The next times, the soonest first; none while it is paused. */
              next: string[];
              /** @description The last time that was dealt with. */
              last_at: string | null;
              /** @description The last task that was submitted. */
              last_task: string | null;
            }[];
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  create_schedule: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          id: string;
          /** @description Five fields, as 0 3 * * 1-5; six with seconds before them. */
          cron: string;
          /**
           * @description As Europe/Prague.
           * @default UTC
           */
          timezone?: string;
          /**
           * @description When the task of the time before has not ended: leave the time out, submit beside it, or cancel it first.
           * @default skip
           * @enum {string}
           */
          overlap?: "skip" | "allow" | "replace";
          task:
            | {
                /** @constant */
                workflow: "servers";
                /** @description The stack, as production for Pulumi.production.yaml. */
                infra: string;
                /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
                settings?: string;
                /**
                 * @default create
                 * @enum {string}
                 */
                operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
                /**
                 * @description Only preview the operation.
                 * @default false
                 */
                check_mode?: boolean;
                /**
                 * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
                 * @default false
                 */
                require_approval?: boolean;
                /** @description For people; what looks like a secret is taken out. */
                name?: string;
                /** @description Greater is more urgent. Default: 5. */
                priority?: number;
                /** @description Further attempts after one that failed. Default: 3. */
                retries?: number;
                /** @description Of one attempt. Default: 3600. */
                timeout_seconds?: number;
                /**
                 * @description Clusters and node pools. Default: all of the stack.
                 * @default []
                 */
                servers?: string[];
              }
            | {
                /** @constant */
                workflow: "taskserv";
                /** @description The stack, as production for Pulumi.production.yaml. */
                infra: string;
                /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
                settings?: string;
                /**
                 * @default create
                 * @enum {string}
                 */
                operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
                /**
                 * @description Only preview the operation.
                 * @default false
                 */
                check_mode?: boolean;
                /**
                 * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
                 * @default false
                 */
                require_approval?: boolean;
                /** @description For people; what looks like a secret is taken out. */
                name?: string;
                /** @description Greater is more urgent. Default: 5. */
                priority?: number;
                /** @description Further attempts after one that failed. Default: 3. */
                retries?: number;
                /** @description Of one attempt. Default: 3600. */
                timeout_seconds?: number;
                /**
                 * @description The layer of the platform; what it needs comes with it.
                 * @enum {string}
                 */
                taskserv:
                  | "cert-manager"
                  | "firestore-agent"
                  | "gateway"
                  | "keda"
                  | "monitoring"
                  | "namespaces"
                  | "nats"
                  | "network"
                  | "ollama-bridge"
                  | "orchestrator"
                  | "postgres"
                  | "registry"
                  | "secrets"
                  | "server"
                  | "subscriptions"
                  | "tls"
                  | "workers";
              }
            | {
                /** @constant */
                workflow: "cluster";
                /** @description The stack, as production for Pulumi.production.yaml. */
                infra: string;
                /** @description Stack file below the project folder. Default: Pulumi.<infra>.yaml. */
                settings?: string;
                /**
                 * @default create
                 * @enum {string}
                 */
                operation?: "create" | "update" | "preview" | "refresh" | "destroy" | "drift";
                /**
                 * @description Only preview the operation.
                 * @default false
                 */
                check_mode?: boolean;
                /**
                 * @description First a preview, as a task of its own; the operation waits for it, and for a person's approval.
                 * @default false
                 */
                require_approval?: boolean;
                /** @description For people; what looks like a secret is taken out. */
                name?: string;
                /** @description Greater is more urgent. Default: 5. */
                priority?: number;
                /** @description Further attempts after one that failed. Default: 3. */
                retries?: number;
                /** @description Of one attempt. Default: 3600. */
                timeout_seconds?: number;
              };
        };
      };
    };
    responses: {
      /** @description It was made, durably. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Tasks that are submitted again and again. */
            data: {
              id: string;
              cron: string;
              timezone: string;
              /** @enum {string} */
              overlap: "skip" | "allow" | "replace";
              /** @description What is submitted, as it was asked for. */
              task: {
                [key: string]: unknown;
              };
              /** @description Who made it. */
              by: string;
              /** Format: date-time */
              created_at: string;
              paused: {
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              } | null;
              /** @description The next times, the soonest first; none while it is paused. */
              next: string[];
              /** @description The last time that was dealt with. */
              last_at: string | null;
              /** @description The last task that was submitted. */
              last_task: string | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_schedule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The schedule. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Tasks that are submitted again and again. */
            data: {
              id: string;
              cron: string;
              timezone: string;
              /** @enum {string} */
              overlap: "skip" | "allow" | "replace";
              /** @description What is submitted, as it was asked for. */
              task: {
                [key: string]: unknown;
              };
              /** @description Who made it. */
              by: string;
              /** Format: date-time */
              created_at: string;
              paused: {
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              } | null;
              /** @description The next times, the soonest first; none while it is paused. */
              next: string[];
              /** @description The last time that was dealt with. */
              last_at: string | null;
              /** @description The last task that was submitted. */
              last_task: string | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  delete_schedule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The schedule that was deleted. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Tasks that are submitted again and again. */
            data: {
              id: string;
              cron: string;
              timezone: string;
              /** @enum {string} */
              overlap: "skip" | "allow" | "replace";
              /** @description What is submitted, as it was asked for. */
              task: {
                [key: string]: unknown;
              };
              /** @description Who made it. */
              by: string;
              /** Format: date-time */
              created_at: string;
              paused: {
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              } | null;
              /** @description The next times, the soonest first; none while it is paused. */
              next: string[];
              /** @description The last time that was dealt with. */
              last_at: string | null;
              /** @description The last task that was submitted. */
              last_task: string | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  pause_schedule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description The schedule afterwards. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Tasks that are submitted again and again. */
            data: {
              id: string;
              cron: string;
              timezone: string;
              /** @enum {string} */
              overlap: "skip" | "allow" | "replace";
              /** @description What is submitted, as it was asked for. */
              task: {
                [key: string]: unknown;
              };
              /** @description Who made it. */
              by: string;
              /** Format: date-time */
              created_at: string;
              paused: {
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              } | null;
              /** @description The next times, the soonest first; none while it is paused. */
              next: string[];
              /** @description The last time that was dealt with. */
              last_at: string | null;
              /** @description The last task that was submitted. */
              last_task: string | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  resume_schedule: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description The schedule afterwards. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description Tasks that are submitted again and again. */
            data: {
              id: string;
              cron: string;
              timezone: string;
              /** @enum {string} */
              overlap: "skip" | "allow" | "replace";
              /** @description What is submitted, as it was asked for. */
              task: {
                [key: string]: unknown;
              };
              /** @description Who made it. */
              by: string;
              /** Format: date-time */
              created_at: string;
              paused: {
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              } | null;
              /** @description The next times, the soonest first; none while it is paused. */
              next: string[];
              /** @description The last time that was dealt with. */
              last_at: string | null;
              /** @description The last task that was submitted. */
              last_task: string | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_queue: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How the queue is. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description How the queue is. */
            data: {
              /** @description Takes no new task and begins none. */
              draining: boolean;
              running: number;
              /** @description Tasks that have not ended, by what they wait for. */
              waiting: {
                [key: string]: number;
              };
              paused: {
                scope:
                  | {
                      /** @constant */
                      all: true;
                    }
                  | {
                      /** @enum {string} */
                      kind: "servers" | "taskserv" | "cluster" | "test_environment";
                    }
                  | {
                      stack: string;
                    };
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  pause_queue: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          scope:
            | {
                /** @constant */
                all: true;
              }
            | {
                /** @enum {string} */
                kind: "servers" | "taskserv" | "cluster" | "test_environment";
              }
            | {
                stack: string;
              };
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description Done, durably. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data:
              | {
                  /** @constant */
                  all: true;
                }
              | {
                  /** @enum {string} */
                  kind: "servers" | "taskserv" | "cluster" | "test_environment";
                }
              | {
                  stack: string;
                };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  resume_queue: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          scope:
            | {
                /** @constant */
                all: true;
              }
            | {
                /** @enum {string} */
                kind: "servers" | "taskserv" | "cluster" | "test_environment";
              }
            | {
                stack: string;
              };
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description Done, durably. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data:
              | {
                  /** @constant */
                  all: true;
                }
              | {
                  /** @enum {string} */
                  kind: "servers" | "taskserv" | "cluster" | "test_environment";
                }
              | {
                  stack: string;
                };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  drain_queue: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        "application/json": {
          /** @description Stands in the history; what looks like a secret is taken out. */
          why?: string;
        };
      };
    };
    responses: {
      /** @description Begun; what runs goes on to its end. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description How the queue is. */
            data: {
              /** @description Takes no new task and begins none. */
              draining: boolean;
              running: number;
              /** @description Tasks that have not ended, by what they wait for. */
              waiting: {
                [key: string]: number;
              };
              paused: {
                scope:
                  | {
                      /** @constant */
                      all: true;
                    }
                  | {
                      /** @enum {string} */
                      kind: "servers" | "taskserv" | "cluster" | "test_environment";
                    }
                  | {
                      stack: string;
                    };
                by: string;
                /** Format: date-time */
                at: string;
                why: string;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_migration: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How it is. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              /** @enum {string} */
              state: "copying" | "comparing" | "moving" | "moved" | "failed" | "cancelled";
              from: string;
              to: string;
              done: number;
              total: number;
              /** @description Milliseconds for which writes waited for the exchange. */
              held_ms: number | null;
              sums: {
                tasks: {
                  count: number;
                  sha256: string;
                };
                lines: {
                  count: number;
                  sha256: string;
                };
                documents: {
                  count: number;
                  sha256: string;
                };
                audit: {
                  count: number;
                  sha256: string;
                };
              } | null;
              error: string | null;
            } | null;
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  begin_migration: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        "application/json": {
          /** @enum {string} */
          to: "filesystem" | "surrealdb-embedded" | "surrealdb-server";
          /** @description Data folder for it, from the root of the service's machine. Default: the service's. */
          target_dir?: string;
        };
      };
    };
    responses: {
      /** @description Begun. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            /** @description How a migration is. */
            data: {
              /** @enum {string} */
              state: "copying" | "comparing" | "moving" | "moved" | "failed" | "cancelled";
              from: string;
              to: string;
              done: number;
              total: number;
              /** @description Milliseconds for which writes waited for the exchange. */
              held_ms: number | null;
              sums: {
                tasks: {
                  count: number;
                  sha256: string;
                };
                lines: {
                  count: number;
                  sha256: string;
                };
                documents: {
                  count: number;
                  sha256: string;
                };
                audit: {
                  count: number;
                  sha256: string;
                };
              } | null;
              error: string | null;
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  cancel_migration: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is over. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              /** @enum {string} */
              state: "copying" | "comparing" | "moving" | "moved" | "failed" | "cancelled";
              from: string;
              to: string;
              done: number;
              total: number;
              /** @description Milliseconds for which writes waited for the exchange. */
              held_ms: number | null;
              sums: {
                tasks: {
                  count: number;
                  sha256: string;
                };
                lines: {
                  count: number;
                  sha256: string;
                };
                documents: {
                  count: number;
                  sha256: string;
                };
                audit: {
                  count: number;
                  sha256: string;
                };
              } | null;
              error: string | null;
            } | null;
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  get_backup: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON, a line each, compressed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/gzip": string;
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  whoami: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The person. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              name: string;
              roles: ("viewer" | "operator" | "approver" | "admin")[];
              /** @description What the roles allow. */
              rights: ("view" | "operate" | "approve" | "administer")[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  read_activity: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Since the service started, an hour at most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: {
              /** @description Length of a span. */
              seconds: number;
              /** @description Oldest first; the last one goes on. */
              spans: {
                /**
                 * Format: date-time
                 * @description Its beginning.
                 */
                at: string;
                submitted: number;
                completed: number;
                failed: number;
                cancelled: number;
                /** @description At its end. */
                pending: number;
                /** @description At its end. */
                running: number;
              }[];
            };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  metrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Text format 0.0.4. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "text/plain": string;
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  read_audit: {
    parameters: {
      query?: {
        /** @description Number of the last entry that was read. */
        after?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Entries; each hash is made of the one before and of the entry. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data: ({
              n: number;
              /** Format: date-time */
              at: string;
              by: string;
              action: string;
              hash: string;
            } & {
              [key: string]: unknown;
            })[];
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
  verify_audit: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether nothing was changed or taken out. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          "application/json": {
            /** @constant */
            success: true;
            data:
              | {
                  /** @constant */
                  whole: true;
                  entries: number;
                  hash: string;
                  /** @description The last entry of those that were archived away. */
                  after?: {
                    n: number;
                    hash: string;
                  };
                }
              | {
                  /** @constant */
                  whole: false;
                  at: number;
                  reason: string;
                };
            error: null;
          };
        };
      };
      "4XX": components["responses"]["Problem"];
      "5XX": components["responses"]["Problem"];
    };
  };
}

import { PolicyPack } from "@pulumi/policy";
import { stackPolicies } from "./stack-policies";

// Serves the engine until it lets the process go.
new PolicyPack("noetl", { policies: stackPolicies(new Date().toISOString().slice(0, 10)) });

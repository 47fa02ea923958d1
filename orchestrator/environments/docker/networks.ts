import { readFileSync } from "node:fs";
import type Dockerode from "dockerode";
import { EnvironmentError } from "../errors";
import { freeSubnet, holderOf, rangeOf, RESERVED, routedRanges, type Range } from "../subnets";
import { isStatus, messageOf } from "./client";
import { LABELS, type Ownership } from "./labels";
import { networkOptions } from "./options";

const FIELD = "config.topology.network.subnet";

/**
 * Makes the network of an environment.
 *
 * @param wanted Its subnet. Default: one that neither a network of Docker nor a route of this host has.
 * @returns its subnet
 */
export async function makeNetwork(docker: Dockerode, owner: Ownership, wanted: string | undefined): Promise<string> {
  const taken = await takenRanges(docker);
  if (wanted !== undefined) {
    assertFree(wanted, taken);
    if (await created(docker, owner, wanted)) return wanted;
    throw subnetTaken(wanted, "another network of Docker");
  }
  for (;;) {
    const subnet = freeSubnet(taken);
    if (subnet === undefined) {
      throw new EnvironmentError("no-subnet-left", "all subnets for test environments are taken; delete some");
    }
    if (await created(docker, owner, subnet)) return subnet;
    // Somebody was faster.
    taken.push(rangeOf(subnet, "another network of Docker"));
  }
}

/** @throws EnvironmentError with who has it */
export async function assertSubnetFree(docker: Dockerode, wanted: string): Promise<void> {
  assertFree(wanted, await takenRanges(docker));
}

function assertFree(wanted: string, taken: readonly Range[]): void {
  const holder = holderOf(wanted, taken);
  if (holder !== undefined) throw subnetTaken(wanted, holder);
}

function subnetTaken(subnet: string, holder: string): EnvironmentError {
  const message = `${FIELD}: ${subnet} overlaps with ${holder}; name another, or leave it out for one that is free`;
  return new EnvironmentError("subnet-taken", message, FIELD);
}

async function takenRanges(docker: Dockerode): Promise<Range[]> {
  const networks = await docker.listNetworks();
  return [...RESERVED, ...hostRanges(), ...networks.flatMap(rangesOf)];
}

function rangesOf({ Name: name, IPAM, Labels: labels }: Dockerode.NetworkInspectInfo): Range[] {
  const environment = labels?.[LABELS.environment];
  const holder = environment === undefined ? `Docker's network ${name}` : `environment ${environment}`;
  return (IPAM?.Config ?? []).flatMap(({ Subnet: subnet }) =>
    subnet === undefined || subnet.includes(":") ? [] : [rangeOf(subnet, holder)],
  );
}

function hostRanges(): Range[] {
  try {
    return routedRanges(readFileSync("/proc/net/route", "latin1"));
  } catch {
    // Not Linux: then Docker is in a machine of its own, which has no routes of this one.
    return [];
  }
}

async function created(docker: Dockerode, owner: Ownership, subnet: string): Promise<boolean> {
  try {
    await docker.createNetwork(networkOptions(owner, subnet));
    return true;
  } catch (error) {
    if (isStatus(error, 403) && messageOf(error).includes("overlaps")) return false;
    throw error;
  }
}

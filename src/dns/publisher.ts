import type * as pulumi from "@pulumi/pulumi";
import type { Line } from "../policy/render";
import type { Warning } from "../receipt";

export type RecordType = "A" | "AAAA" | "MX" | "PTR" | "TLSA";

/** Sets that wait for no gate, those of a host behind its own, and the domain's mail where it leads to a name that can have to wait. */
export type Part = "main" | "gated" | "mail";

/** All records of one name and type (RFC 2181, section 5): they are published, changed and taken away together. */
export interface RecordSet {
  /** Names the set's resource. It depends on plain arguments only, so that an address which changes moves nothing. */
  key: string;
  /** Other keys that named its resource before. */
  former: string[];
  /** With the last dot. A reverse name follows an address, which may be known late. */
  name: pulumi.Input<string>;
  type: RecordType;
  ttl: number;
  /** In presentation form (RFC 1035, section 5), each with its last dot, sorted. */
  values: pulumi.Input<string[]>;
  /** By what the set can have to wait for, also while it does not, so that it never moves from one part to another. */
  part: Part;
  /** Keys of the component's sets without which this one would be wrong; one that it does not publish counts for nothing. */
  needs: string[];
  /** What must be open before this set is published. */
  gates: Gate[];
  /** What else must have succeeded before it is: what other components that have been made by then publish. Undefined where it needs none of them. */
  after: (() => pulumi.Resource[]) | undefined;
  /** Whether the domain would be without mail, or without any address, if this set went. */
  last: boolean;
}

/** Makes the resource of a gate, once for all sets behind it; it waits for what it is to see, such as reverse names. */
export type Gate = (after: readonly pulumi.Resource[]) => pulumi.Resource;

/** What a component wants published, in the order in which it grows; it shrinks the other way round. */
export interface Publication {
  pointers: RecordSet[];
  addresses: RecordSet[];
  /** Reverse names that AWS keeps, which wants to see the name's address first. */
  elasticIps: ElasticIp[];
  mail: RecordSet[];
  /** All sets that are of another part than `main`, also those that are not published before their wave. Names with the last dot. */
  later: Pick<RecordSet & { name: string }, "name" | "type" | "part">[];
}

/** An Elastic IP and the name that its reverse name leads to. */
export interface ElasticIp {
  /** Names its resource, as for a set. */
  key: string;
  allocationId: pulumi.Input<string>;
  /** With the last dot. */
  name: string;
  /** Keys of sets that must be published first. */
  needs: string[];
}

/** What the component knows and a publisher needs. */
export interface PublisherScope {
  /** The component's name. */
  name: string;
  /** Names the component in errors: its domain. */
  label: string;
  component: pulumi.ComponentResource;
  options: pulumi.CustomResourceOptions;
  /** The lines of a policy that say who asks: the owner first, then its former names. */
  owners: readonly Line[];
}

/** What a publisher made of it. */
export interface Published {
  /** By the set's key: what a set that needs this one waits for. */
  resources: ReadonlyMap<string, pulumi.Resource>;
  warnings: pulumi.Input<Warning[]>;
}

/** A publisher reads its own argument, checks it without touching anything, and then registers resources. */
export interface Publisher {
  /** The zone that holds the domain, without the last dot. */
  zone: string;
  /** The zones of reverse names that are ours. */
  reverseZones: readonly ReverseZone[];
  /** The host that the records are published from, as `user@host:port`; undefined where no host is. */
  endpoint: pulumi.Output<string> | undefined;
  /** What says that the zone is signed: known now, or `atPublication` where the publisher itself sees. */
  signed: boolean | "atPublication";
  publish(scope: PublisherScope, publication: Publication): Published;
}

/** A zone of reverse names, and the network whose names it holds. */
export interface ReverseZone {
  /** Without the last dot. */
  zone: string;
  /** As `ADDRESS/LENGTH`. */
  network: string;
}

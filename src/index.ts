export { type Bastion, type Connection, Privilege } from "./connectionArgs";
export { MailhostError } from "./errors";
export { MailDns } from "./mailDns";
export {
  type Ipv6Wave,
  type MailDnsArgs,
  type MailHost,
  type Rfc2136,
  type Rfc2136ReverseZone,
  type Route53,
  type Route53ReverseZone,
  TsigAlgorithm,
  type TsigKey,
  TtlPhase,
} from "./mailDnsArgs";
export { WhenRefused } from "./policy/guard";
export { type IncomingTls, type OutgoingTls, type SubmissionTls, type Tls, TlsProfile, TlsVersion } from "./policy/tls";
export { PostfixHardening } from "./postfixHardening";
export {
  Activation,
  OnDestroy,
  Overrides,
  type PostfixHardeningArgs,
  type Service,
  type ServiceEntry,
} from "./postfixHardeningArgs";
export type { ActivationStatus, Change, OverrideLeft, ServiceStatus, Warning } from "./receipt";
export { Smtps465Probe } from "./smtps465Probe";
export { LogLevel, PacketFilter, ProbeOnDestroy, type Smtps465ProbeArgs } from "./smtps465ProbeArgs";

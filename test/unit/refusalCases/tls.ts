// Obsolete TLS.
import * as pulumi from "@pulumi/pulumi";
import { type Case, isOutput } from "./cases.ts";

const modern25 =
  "on port 25 servers without TLS 1.3 fall back to plaintext or their mail is lost: use intermediate or TLSv1.2, or say refuseOldPeers: true";

export const tlsRefusals: Case[] = [
  [
    { tls: { incoming: { minimumVersion: "TLSv1.4" } } },
    'tls.incoming.minimumVersion is "TLSv1.4"; use one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
  ],
  [
    { tls: { outgoing: { minimumVersion: "SSLv3" } } },
    'tls.outgoing.minimumVersion is "SSLv3"; use one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
  ],
  [{ tls: { submission: { profile: "old" } } }, 'tls.submission.profile is "old"; use one of intermediate, modern'],
  [{ tls: { incoming: { minimumVersion: "TLSv1.3" } } }, `tls.incoming.minimumVersion is "TLSv1.3"; ${modern25}`],
  [{ tls: { incoming: { profile: "modern" } } }, `tls.incoming.profile is "modern"; ${modern25}`],
  [{ tls: { incomming: {} } }, "tls.incomming is not an argument; tls has incoming, submission, outgoing"],
  [
    { tls: { incoming: { minimum: "TLSv1" } } },
    "tls.incoming.minimum is not an argument; tls.incoming has minimumVersion, profile, excludeCiphers, onlyIfUnusedForDays, whenRefused, despiteEvidence, refuseOldPeers",
  ],
  [
    { tls: { submission: { refuseOldPeers: true } } },
    "tls.submission.refuseOldPeers is not an argument; tls.submission has minimumVersion, profile, excludeCiphers, onlyIfUnusedForDays, whenRefused, despiteEvidence",
  ],
  [
    { tls: { incoming: { excludeCiphers: ["RC4 # old"] } } },
    'tls.incoming.excludeCiphers[0] is "RC4 # old"; use an OpenSSL cipher name, such as "RC4" or "AES128-SHA"',
  ],
  [
    { tls: { incoming: { excludeCiphers: ["!RC4"] } } },
    'tls.incoming.excludeCiphers[0] is "!RC4"; use an OpenSSL cipher name, such as "RC4" or "AES128-SHA"',
  ],
  [{ tls: { incoming: { excludeCiphers: "RC4" } } }, 'tls.incoming.excludeCiphers is "RC4"; use a list'],
  [{ tls: { incoming: { minimumVersion: pulumi.output("TLSv1.2") } } }, `tls.incoming.minimumVersion ${isOutput}`],
  [{ tls: null }, "tls is null; use an object"],
  [{ tls: { incoming: null } }, "tls.incoming is null; use an object"],
];

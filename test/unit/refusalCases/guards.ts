// Changes that evidence must allow first.
import type { Case } from "./cases.ts";

export const guardRefusals: Case[] = [
  [
    { tls: { incoming: { whenRefused: "hold" } } },
    "tls.incoming.whenRefused is for a guarded change; give onlyIfUnusedForDays as well",
  ],
  [
    { tls: { submission: { despiteEvidence: "x" } } },
    "tls.submission.despiteEvidence is for a guarded change; give onlyIfUnusedForDays as well",
  ],
  [
    { tls: { incoming: { onlyIfUnusedForDays: 1.5 } } },
    "tls.incoming.onlyIfUnusedForDays is 1.5; use a whole number from 1 to 3650",
  ],
  [
    { tls: { outgoing: { onlyIfUnusedForDays: 90 } } },
    "tls.outgoing.onlyIfUnusedForDays guards the raising of a floor; give one above TLSv1 as well",
  ],
  [
    { tls: { incoming: { onlyIfUnusedForDays: 90 } }, allowWeaker: true },
    "tls.incoming.onlyIfUnusedForDays does not go with allowWeaker; use one of the two",
  ],
  [{ tlsEvidence: "yes" }, 'tlsEvidence is "yes"; use true or false'],
  [
    { tlsEvidence: true, settings: { smtpd_tls_loglevel: "2" } },
    "tlsEvidence names smtpd_tls_loglevel, and so does settings; use one of the two",
  ],
  [
    { services: { "smtps/inet": { onlyIfQuietForDays: 180 } } },
    "services.smtps/inet.onlyIfQuietForDays guards the closing of a service; give enabled: false as well",
  ],
  [
    { services: { "smtps/inet": { enabled: false, whenRefused: "hold" } } },
    "services.smtps/inet.whenRefused is for a guarded change; give onlyIfQuietForDays as well",
  ],
  [
    { services: { "smtps/inet": { enabled: false, despiteEvidence: "x" } } },
    "services.smtps/inet.despiteEvidence is for a guarded change; give onlyIfQuietForDays as well",
  ],
  [
    { services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: 0 } } },
    "services.smtps/inet.onlyIfQuietForDays is 0; use a whole number from 1 to 3650",
  ],
  [
    { services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: 1, whenRefused: "wait" } } },
    'services.smtps/inet.whenRefused is "wait"; use one of fail, hold',
  ],
  [
    { services: { "smtps/inet": { enabled: false, onlyIfQuietForDays: 1, despiteEvidence: " " } } },
    'services.smtps/inet.despiteEvidence is " "; say why, without outer blanks',
  ],
  [
    { services: { "policy/unix": { enabled: false, onlyIfQuietForDays: 1 } } },
    "services.policy/unix.onlyIfQuietForDays needs a port that is known; name the service by it, such as 465/inet",
  ],
];

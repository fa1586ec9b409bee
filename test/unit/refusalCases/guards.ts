// Changes that evidence must allow first.
import type { Case } from "./cases.ts";

export const guardRefusals: Case[] = [
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

// Arguments of PostfixHardening that stand alone.
import * as pulumi from "@pulumi/pulumi";
import { type Case, isOutput } from "./cases.ts";

export const argumentRefusals: Case[] = [
  [
    { tsl: {} },
    `tsl is not an argument; there are connection, tls, tlsEvidence, settings, unsetSettings, secretSettings, secretRevision, services, configDirectory, allowWeaker, overrides, sharedWith, activation, drainSeconds, onDestroy, formerly, repair`,
  ],
  [{ activation: "drian" }, 'activation is "drian"; use one of reload, drain, restart'],
  [{ activation: "drain", drainSeconds: 3601 }, "drainSeconds is 3601; use a whole number from 0 to 3600"],
  [{ activation: "drain", drainSeconds: 0.5 }, "drainSeconds is 0.5; use a whole number from 0 to 3600"],
  [{ activation: "drain", drainSeconds: "60" }, 'drainSeconds is "60"; use a whole number from 0 to 3600'],
  [{ drainSeconds: 60 }, "drainSeconds is 60; it goes with activation drain alone, and activation is reload"],
  [
    { activation: "restart", drainSeconds: 60 },
    "drainSeconds is 60; it goes with activation drain alone, and activation is restart",
  ],
  [{ activation: pulumi.output("reload") }, `activation ${isOutput}`],
  [{ activation: Promise.resolve("reload") }, `activation ${isOutput}`],
  [{ onDestroy: "Restore" }, 'onDestroy is "Restore"; use one of keep, restore'],
  [{ overrides: "ignore" }, 'overrides is "ignore"; use one of report, fix'],
  [{ allowWeaker: "no" }, 'allowWeaker is "no"; use true or false'],
  [{ repair: -1 }, "repair is -1; use a whole number from 0 to 1000000000"],
  [{ repair: 1.5 }, "repair is 1.5; use a whole number from 0 to 1000000000"],
  [{ repair: "1" }, 'repair is "1"; use a whole number from 0 to 1000000000'],
  [{ secretRevision: 0 }, "secretRevision is 0; use a whole number from 1 to 1000000000"],
  [
    { configDirectory: "postfix" },
    'configDirectory is "postfix"; use an absolute path of letters, digits and _ . @ + -, without a slash at the end',
  ],
  [
    { configDirectory: "/etc/../tmp" },
    'configDirectory is "/etc/../tmp"; use an absolute path of letters, digits and _ . @ + -, without a slash at the end',
  ],
  [{ sharedWith: ["two words"] }, 'sharedWith[0] is "two words"; use a word of a header, such as ansible'],
  [{ sharedWith: "ansible" }, 'sharedWith is "ansible"; use a list'],
  [{ sharedWith: [pulumi.output("x")] }, `sharedWith[0] ${isOutput}`],
  [{ formerly: ["mx1"] }, 'formerly[0] is "mx1"; use ORGANIZATION/PROJECT/STACK/TYPE/NAME'],
];

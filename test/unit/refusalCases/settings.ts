// Parameters of main.cf.
import * as pulumi from "@pulumi/pulumi";
import type { Case } from "./cases.ts";

export const settingRefusals: Case[] = [
  [{ settings: { a: "x\ny" } }, 'settings.a is "x\\ny"; a newline is not accepted'],
  [{ settings: { a: "x\ty" } }, 'settings.a is "x\\ty"; control characters are not accepted'],
  [{ settings: { a: "x\u0000" } }, 'settings.a is "x\\u0000"; control characters are not accepted'],
  [{ settings: { a: "x\ud800" } }, 'settings.a is "x\\ud800"; it is not valid Unicode'],
  [{ settings: { a: " x" } }, 'settings.a is " x"; blanks before or after a value are not accepted'],
  [{ settings: { a: "x " } }, 'settings.a is "x "; blanks before or after a value are not accepted'],
  [{ settings: { a: "x\u00a0" } }, 'settings.a is "x\\u00a0"; blanks before or after a value are not accepted'],
  [{ settings: { a: "\ufeffx" } }, 'settings.a is "\\ufeffx"; blanks before or after a value are not accepted'],
  [{ settings: { a: "\u3000" } }, 'settings.a is "\\u3000"; use "" for an empty value'],
  [{ settings: { a: " " } }, 'settings.a is " "; use "" for an empty value'],
  [{ settings: { a: true } }, 'settings.a is true; use a string, such as "yes"'],
  [{ settings: { a: `${"x".repeat(80)}\n` } }, `settings.a is "${"x".repeat(59)}…; a newline is not accepted`],
  [{ settings: { "a b": "x" } }, 'settings.a b is "a b"; use a Postfix parameter name: letters, digits and _ . -'],
  [{ settings: { "-e": "x" } }, 'settings.-e is "-e"; use a Postfix parameter name: letters, digits and _ . -'],
  [{ settings: { "a=b": "x" } }, 'settings.a=b is "a=b"; use a Postfix parameter name: letters, digits and _ . -'],
  [
    { settings: { lmtp_tls_security_level: "may # for now" } },
    'settings.lmtp_tls_security_level is "may # for now"; a # is not accepted in a TLS value: Postfix has no comments there and would switch TLS off',
  ],
  [
    { settings: { tls_high_cipherlist: "HIGH#" } },
    'settings.tls_high_cipherlist is "HIGH#"; a # is not accepted in a TLS value: Postfix has no comments there and would switch TLS off',
  ],
  [{ settings: { a: "1" }, unsetSettings: ["a"] }, "unsetSettings names a, and so does settings; use one of the two"],
  [
    { settings: { a: "1" }, secretSettings: { a: "2" } },
    "secretSettings names a, and so does settings; use one of the two",
  ],
  [
    { settings: { smtpd_tls_protocols: ">=TLSv1" } },
    "settings names smtpd_tls_protocols, which tls.incoming decides; use one of the two",
  ],
  [
    { unsetSettings: ["lmtp_tls_mandatory_protocols"] },
    "unsetSettings names lmtp_tls_mandatory_protocols, which tls.outgoing decides; use one of the two",
  ],
  [
    {
      services: { "587/inet": { options: { tls_medium_cipherlist: "x" } } },
      tls: { submission: { profile: "intermediate" } },
    },
    "services.587/inet.options names tls_medium_cipherlist, which tls.submission decides; use one of the two",
  ],
  [
    { settings: { tlsproxy_tls_protocols: "x" } },
    "settings names tlsproxy_tls_protocols, which tls.incoming decides; use one of the two",
  ],
  [{ settings: pulumi.output({}) }, "settings is an output; use a plain object, whose values may be outputs"],
  [{ settings: ["a"] }, 'settings is ["a"]; use an object'],
  [{ secretSettings: { a: "hush\n" } }, "secretSettings.a is not usable; a newline is not accepted"],
  [
    { secretSettings: { a: "hush " } },
    "secretSettings.a is not usable; blanks before or after a value are not accepted",
  ],
  [{ secretSettings: { a: 5 } }, "secretSettings.a is not a string"],
];

// Services of master.cf.
import * as pulumi from "@pulumi/pulumi";
import { type Case, isOutput } from "./cases.ts";

export const serviceRefusals: Case[] = [
  [
    { services: { submission: { enabled: true } } },
    'services.submission is not a service; use NAME/TYPE, such as "submission/inet"',
  ],
  [
    { services: { "smtp/tcp": { enabled: true } } },
    'services.smtp/tcp: the type is "tcp"; use one of inet, unix, unix-dgram, fifo, pass',
  ],
  [
    { services: { "::1:25/inet": { enabled: true } } },
    "services.::1:25/inet is not a service; use PORT/inet, ADDRESS:PORT/inet or [IPV6]:PORT/inet",
  ],
  [
    { services: { "70000/inet": { enabled: true } } },
    "services.70000/inet: the port is 70000; use a whole number from 1 to 65535",
  ],
  [
    { services: { "a b/unix": { enabled: true } } },
    "services.a b/unix is not a service; a name has letters, digits and _ . -",
  ],
  [
    { services: { "smtps/inet": { enabled: false }, "465/inet": { enabled: false } } },
    "services.465/inet is port 465, and so is services.smtps/inet; use one of the two",
  ],
  [
    { services: { "submissions/inet": { enabled: false }, "urd/inet": { enabled: false } } },
    "services.urd/inet is port 465, and so is services.submissions/inet; use one of the two",
  ],
  [
    { services: { "smtp/inet": { enabled: true }, "127.0.0.1:25/inet": { enabled: true } } },
    "services.127.0.0.1:25/inet is port 25, and so is services.smtp/inet; use one of the two",
  ],
  [
    { services: { "smtps/inet": { enabled: false, options: { a: "b" } } } },
    "services.smtps/inet.enabled is false; a disabled service takes no options, unsetOptions or entry",
  ],
  [
    { services: { "smtps/inet": { enabled: false, unsetOptions: ["a"] } } },
    "services.smtps/inet.enabled is false; a disabled service takes no options, unsetOptions or entry",
  ],
  [
    { services: { "smtps/inet": { enabled: false, entry: { command: "smtpd" } } } },
    "services.smtps/inet.enabled is false; a disabled service takes no options, unsetOptions or entry",
  ],
  [{ services: { "smtps/inet": { enabled: "false" } } }, 'services.smtps/inet.enabled is "false"; use true or false'],
  [
    { services: { "smtps/inet": {} } },
    "services.smtps/inet asks for nothing; use enabled, options, unsetOptions or entry",
  ],
  [
    { services: { "smtps/inet": { enable: false } } },
    "services.smtps/inet.enable is not an argument; services.smtps/inet has enabled, options, unsetOptions, entry, onlyIfQuietForDays, whenRefused, despiteEvidence",
  ],
  [{ services: { "smtps/inet": { enabled: pulumi.output(true) } } }, `services.smtps/inet.enabled ${isOutput}`],
  [
    { services: { "x/unix": { options: { a: "{ b" } } } },
    'services.x/unix.options.a is "{ b"; its braces do not pair, and master.cf has no way to write that',
  ],
  [
    { services: { "x/unix": { options: { a: "b } c {" } } } },
    'services.x/unix.options.a is "b } c {"; its braces do not pair, and master.cf has no way to write that',
  ],
  [
    { services: { "x/unix": { options: { a: "b\nc" } } } },
    'services.x/unix.options.a is "b\\nc"; a newline is not accepted',
  ],
  [
    { services: { "x/unix": { options: { a: "b" }, unsetOptions: ["a"] } } },
    'services.x/unix.options and unsetOptions both name "a"; use one of the two',
  ],
  [
    { services: { "submission/inet": { options: { smtpd_tls_mandatory_protocols: "!SSLv2" } } } },
    "services.submission/inet.options names smtpd_tls_mandatory_protocols, which tls.submission decides; use one of the two",
  ],
  [
    { services: { "25/inet": { unsetOptions: ["smtpd_tls_protocols"] } } },
    "services.25/inet.unsetOptions names smtpd_tls_protocols, which tls.incoming decides; use one of the two",
  ],
  [
    { services: { "relay/unix": { options: { smtp_tls_protocols: "x" } } } },
    "services.relay/unix.options names smtp_tls_protocols, which tls.outgoing decides; use one of the two",
  ],
  [
    { services: { "x/inet": { entry: { command: "smtpd", private: true } } } },
    "services.x/inet.entry.private is true; an inet service cannot be private",
  ],
  [
    { services: { "x/unix": { entry: { command: "smtpd", wakeup: "soon" } } } },
    'services.x/unix.entry.wakeup is "soon"; use seconds, such as "60", or "60?" for a service that is only then woken when it is used',
  ],
  [
    { services: { "x/unix": { entry: { command: "smtpd", processLimit: -1 } } } },
    "services.x/unix.entry.processLimit is -1; use a whole number from 0 to 1000000",
  ],
  [
    { services: { "x/unix": { entry: { command: "smtpd -o a=b" } } } },
    'services.x/unix.entry.command is "smtpd -o a=b"; give -o options by the argument options',
  ],
  [
    { services: { "x/unix": { entry: { command: "/bin/sh" } } } },
    'services.x/unix.entry.command is "/bin/sh"; use the name of a program in Postfix\'s daemon directory and its arguments, such as smtpd',
  ],
  [{ services: { "x/unix": { entry: {} } } }, "services.x/unix.entry.command is undefined; use a string"],
  [
    { services: { "x/unix": { entry: { command: "smtpd", chrooted: false } } } },
    "services.x/unix.entry.chrooted is not an argument; services.x/unix.entry has private, unprivileged, chroot, wakeup, processLimit, command",
  ],
];

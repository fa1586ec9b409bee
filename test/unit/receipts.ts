/** What a host answers, as docs/policy.md says. */
export const receipt = {
  protocol: 1,
  host: "mx1",
  postfix: "3.7.11",
  changed: true,
  changes: [
    { file: "main.cf", name: "smtpd_tls_protocols", from: null, to: ">=TLSv1.2" },
    { file: "master.cf", name: "submission/inet:smtpd_tls_protocols", from: "!SSLv2", to: null },
  ],
  services: [{ name: "smtp", port: 25, protocols: ["TLSv1.2", "TLSv1.3"], starttls: "starttls" }],
  activation: { kind: "reload", at: "2026-11-25T12:00:00Z", remaining: 2, until: "2026-11-25T12:05:00Z", ended: 1 },
  overrides: [{ service: "smtps/inet", option: "smtpd_tls_mandatory_protocols", value: "!SSLv2" }],
  warnings: [{ code: "override", text: "smtps/inet has an override" }],
  omitted: 0,
};

/** The same from a host that has nothing to warn of. */
export const quietReceipt = { ...receipt, warnings: [] };

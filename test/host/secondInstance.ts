// A second Postfix on a host, as postmulti(1) makes one: `postfix-in` on port 2525, kept in /root/pristine-in as it was made.
import type { Host } from "../lab/host.ts";

export async function addSecondInstance(host: Host, ...settings: readonly string[]): Promise<void> {
  const quoted = ["inet_interfaces=all", ...settings].map((setting) => `"${setting}"`).join(" ");
  await host.must(`postmulti -e init && postmulti -I postfix-in -e create &&
    sed -i 's/^smtp  *inet/2525 inet/' /etc/postfix-in/master.cf &&
    postconf -c /etc/postfix-in -X master_service_disable && postconf -c /etc/postfix-in -e ${quoted} &&
    postmulti -i postfix-in -e enable && postmulti -i postfix-in -p start`);
  await host.waitForSmtp(2525);
  await host.must("cp -a /etc/postfix-in /root/pristine-in");
}

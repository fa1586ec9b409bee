// What a host is to do at the program's next reload of Postfix, which comes right after the commit: by then a poll may be late.
import type { Host } from "../lab/host.ts";

const POSTFIX = "/usr/sbin/postfix";
const REAL = "/usr/lib/reloading/postfix";

/** In the place of postfix(1), once: it puts that back first. */
export async function atReload(host: Host, what: string): Promise<void> {
  await host.must(`mkdir -p ${REAL.slice(0, REAL.lastIndexOf("/"))} && cp -p ${POSTFIX} ${REAL}`);
  await host.write(
    "/run/reloading",
    `#!/bin/sh
case " $* " in
*" reload "*)
	mv -f ${REAL} ${POSTFIX}
	${what}
	exec ${POSTFIX} "$@"
	;;
esac
exec ${REAL} "$@"
`,
    "755",
  );
  await host.must(`cp -p /run/reloading ${POSTFIX}.new && mv -f ${POSTFIX}.new ${POSTFIX}`);
}

// The syslog of a busy mail host, as big as is asked for: of 100 mails that it takes, 33 come by TLS, which Postfix logs;
// beside them one scanner knocks on port 465 and one account logs in there.
import { closeSync, openSync, writeSync } from "node:fs";

export interface Contents {
  bytes: number;
  /** Taken from others on port 25. */
  mails: number;
  tls: number;
  scans: number;
  logins: number;
}

const MAILS = 1_500;

/** Lines of one hour; `@` stands for date and hour. */
function hour(handshakes: boolean): { text: string; tls: number; scans: number; logins: number } {
  const lines: string[] = [];
  let tls = 0;
  let [scans, logins] = [0, 0];
  for (let n = 0; n < MAILS; n += 1) {
    const second = Math.floor((n * 3_600) / MAILS);
    const two = (value: number) => String(value).padStart(2, "0");
    const at = `@:${two(Math.floor(second / 60))}:${two(second % 60)}.${100_000 + n}+01:00 mx1`;
    const peer = n % 700;
    const client = `mail${peer}.example.net[${1 + (peer % 120)}.${peer % 250}.3.${peer % 200}]`;
    const [id, pid, user] = [`4F${n.toString(36).padStart(8, "x")}`, 2_000 + (n % 90), `user${n % 300}@example.com`];
    const smtpd = `${at} postfix/smtpd[${pid}]:`;
    lines.push(`${smtpd} connect from ${client}`);
    if (handshakes && n % 3 === 0) {
      tls += 1;
      lines.push(
        `${smtpd} Anonymous TLS connection established from ${client}: TLSv1.${n % 30 ? 3 : 2} with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256`,
      );
    }
    lines.push(
      `${smtpd} ${id}: client=${client}`,
      `${at} postfix/cleanup[${pid + 1}]: ${id}: message-id=<2026112512.${n}.4711@mail.example.net>`,
      `${at} postfix/qmgr[812]: ${id}: from=<news${n % 500}@example.net>, size=${4_000 + n}, nrcpt=1 (queue active)`,
      `${at} rspamd[900]: <${id}>; proxy; rspamd_task_write_log: id: <2026112512.${n}.4711@mail.example.net>, qid: <${id}>, ip: ${peer}.3.7, (default: F (no action): [-0.10/15.00] [MIME_GOOD(-0.10){multipart/alternative;text/plain;}])`,
      `${at} dovecot: lmtp(${user})<${pid}><aBcDeFgH1234>: msgid=<2026112512.${n}.4711@mail.example.net>: saved mail to INBOX`,
      `${at} postfix/lmtp[${pid + 2}]: ${id}: to=<${user}>, relay=mx1.example.com[private/dovecot-lmtp], delay=0.31, delays=0.2/0.01/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 <${user}> aBcDeFgH1234 Saved)`,
      `${at} postfix/qmgr[812]: ${id}: removed`,
      `${smtpd} disconnect from ${client} ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7`,
      `${at} dovecot: imap-login: Login: user=<${user}>, method=PLAIN, rip=192.0.2.${n % 250}, lip=192.0.2.1, mpid=${pid}, TLS, session=<AbCdEf${n}>`,
      `${at} kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:12:34:56:52:54:00:65:43:21:08:00 SRC=198.51.100.${n % 250} DST=192.0.2.1 LEN=40 TOS=0x00 PREC=0x00 TTL=240 ID=54321 PROTO=TCP SPT=40000 DPT=23 WINDOW=1024 RES=0x00 SYN URGP=0`,
    );
    if (n % 100 === 0) {
      scans += 1;
      logins += 1;
      const smtps = (text: string, more: number) => `${at} postfix/smtps/smtpd[${pid + more}]: ${text}`;
      const [scanner, real] = [`x[198.51.100.${n % 250}]`, `dsl.example.org[203.0.113.${n % 250}]`];
      lines.push(
        `${at} kernel: [12345.678901] SERVICE MONITORING: IN=eth0 OUT= MAC=52:54:00:12:34:56:52:54:00:65:43:21:08:00 SRC=198.51.100.${n % 250} DST=192.0.2.1 LEN=60 TOS=0x00 PREC=0x00 TTL=50 ID=4711 DF PROTO=TCP SPT=51234 DPT=465 WINDOW=64240 RES=0x00 SYN URGP=0`,
        smtps(`connect from ${scanner}`, 0),
        smtps(`lost connection after CONNECT from ${scanner}`, 0),
        smtps(`disconnect from ${scanner} commands=0/0`, 0),
        smtps(`connect from ${real}`, 1),
        smtps(`${id}: client=${real}, sasl_method=PLAIN, sasl_username=${user}`, 1),
        smtps(`disconnect from ${real} ehlo=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=6`, 1),
      );
    }
  }
  return { text: lines.map((line) => `${line}\n`).join(""), tls, scans, logins };
}

/** Writes about `size` bytes of whole hours, ending before `end`; with a line for each TLS handshake, or none. */
export function writeBigLog(path: string, wanted: { size: number; end: number; handshakes: boolean }): Contents {
  const { size, end, handshakes } = wanted;
  const { text, ...each } = hour(handshakes);
  const hours = Math.max(1, Math.round(size / text.length));
  const file = openSync(path, "w");
  let bytes = 0;
  for (let n = hours; n >= 1; n -= 1) {
    const stamp = new Date((end - n * 3_600 + 3_600) * 1_000).toISOString().slice(0, 13);
    bytes += writeSync(file, text.replace(/^@/gm, stamp));
  }
  closeSync(file);
  return { bytes, mails: MAILS * hours, tls: each.tls * hours, scans: each.scans * hours, logins: each.logins * hours };
}

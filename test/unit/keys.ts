/** Host keys of machines that do not exist. */
export const ed25519Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDvtr03IUSEvC3eKc42pnannYJk2aNwlUvjXnBwoy82b";
export const otherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDyCIlBi3/Awtx050bzZ3l5sKrCiOIzDXPquT4JX00kd";

/** Shaped like a private key, opens nothing. */
export const privateKey =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5IGF0IGFsbA==\n-----END OPENSSH PRIVATE KEY-----\n";

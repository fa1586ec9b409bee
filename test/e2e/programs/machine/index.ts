// A machine that is made and hardened in one `up`: as a cloud does, its maker gives the address before the machine has booted.
import { writeFileSync } from "node:fs";
import * as mailhost from "@postmaster/mailhost";
import * as pulumi from "@pulumi/pulumi";

interface Order {
  /** The file that stands for the cloud: the machine whose address is in it is to be booted. */
  cloud: string;
  at: string;
}

class Machine extends pulumi.dynamic.Resource {
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, order: Order) {
    const provider: pulumi.dynamic.ResourceProvider<Order, Order & { address: string }> = {
      async create({ cloud, at }) {
        writeFileSync(cloud, at);
        return { id: at, outs: { cloud, at, address: at } };
      },
      async delete(_, { cloud }) {
        writeFileSync(cloud, "");
      },
    };
    super(provider, name, { ...order, address: undefined });
  }
}

const config = new pulumi.Config();
const machine = new Machine("machine", { cloud: config.require("cloud"), at: config.require("address") });
const postfix = new mailhost.PostfixHardening(
  "mx",
  {
    connection: {
      host: machine.address,
      hostKey: config.require("hostKey"),
      privateKey: config.requireSecret("privateKey"),
      dialErrorLimit: config.getNumber("dialErrorLimit"),
      perDialTimeout: config.getNumber("perDialTimeout"),
    },
    tls: { incoming: {} },
    settings: { smtpd_helo_required: "yes" },
    onDestroy: mailhost.OnDestroy.Restore,
  },
  { deletedWith: machine },
);

export const { endpoint, protocols } = postfix;

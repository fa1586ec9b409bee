#!/usr/bin/env node
// The plugin that Pulumi's engine starts for a program in another language: `pulumi-resource-mailhost`.
import { main } from "@pulumi/pulumi/provider/index.js";
import { shareByAddress } from "./perRun";
import { MailhostProvider } from "./provider";

shareByAddress();
void main(new MailhostProvider(), process.argv.slice(2));

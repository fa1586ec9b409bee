#!/usr/bin/env node
// The plugin that Pulumi's engine starts for a program in another language: `pulumi-resource-mailhost`.
import { main } from "@pulumi/pulumi/provider/index.js";
import { MailhostProvider } from "./provider";

void main(new MailhostProvider(), process.argv.slice(2));

import { BlockList, isIP } from "node:net";

/** Addresses of this machine and of what surrounds it, that no registry outside has a reason to point to. */
const local = new BlockList();
local.addSubnet("0.0.0.0", 8, "ipv4");
local.addSubnet("127.0.0.0", 8, "ipv4");
local.addSubnet("169.254.0.0", 16, "ipv4");
local.addSubnet("224.0.0.0", 4, "ipv4");
local.addAddress("255.255.255.255", "ipv4");
local.addAddress("::", "ipv6");
local.addAddress("::1", "ipv6");
local.addSubnet("fe80::", 10, "ipv6");
local.addSubnet("ff00::", 8, "ipv6");
// Where clouds tell a machine its secrets, as far as not link-local.
local.addAddress("100.100.100.200", "ipv4");
local.addAddress("168.63.129.16", "ipv4");
local.addAddress("fd00:ec2::254", "ipv6");

/**
 * Whether an IP address is loopback, link-local, unspecified, multicast or the metadata service of a cloud.
 *
 * Private networks are not local: object stores behind a public name are often there. Spec: regsync.md §7.13.
 */
export function isLocalAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && local.check(address, version === 4 ? "ipv4" : "ipv6");
}

/** The host of an address without the brackets of IPv6. */
export function bareHostname(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

import { X509Certificate } from "node:crypto";

/**
 * The certificates in a text, each in PEM, without what stands between them. Whether they can be read is not looked at.
 */
export function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** Why a certificate, PEM, cannot be read; `undefined` when it can. */
export function faultOf(pem: string): Error | undefined {
  try {
    return new X509Certificate(pem).raw.byteLength > 0 ? undefined : new Error("it is empty");
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

/** Equal for equal certificates, whatever the length of their lines. */
export function bareCertificate(pem: string): string {
  return pem.replace(/\s+/g, "");
}

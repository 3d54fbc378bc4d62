/**
 * Used proofs in the order of their commits. `used_proof` has them at random places of its tree,
 * which cost a page each; it stays for what older versions have stored, and for more proofs than
 * the writer keeps in memory.
 */
export const proofPacks = `
CREATE TABLE proof_pack (
  domain_id text NOT NULL,
  expires_at_ms bigint NOT NULL,
  sequence bigint NOT NULL,
  body {bytes} NOT NULL,
  PRIMARY KEY (domain_id, expires_at_ms, sequence)
){clustered};
`

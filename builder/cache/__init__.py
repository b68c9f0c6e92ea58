"""Results of earlier builds, stored by the digest of all they depend on."""

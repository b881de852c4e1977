package lockfile

// TokenFolder is the part of the store that remote clusters need.
const TokenFolder = "remote"

// AgentsFolder is the part of the store that has a folder for each cluster whose agent's certificate relayform issues: with that alone
// the cluster's client Secret is complete.
const AgentsFolder = "agents"

// AgentFolder is that of a cluster.
func AgentFolder(cluster string) string { return AgentsFolder + "/" + cluster }

// AgentKeyFile is the name of the file of an agent's private key, from its cluster and the digest of its public key.
func AgentKeyFile(cluster, spki string) string { return AgentFolder(cluster) + "/" + KeyFile(spki) }

// KeyFile is the name of a private key's file, from the digest of its public key.
func KeyFile(spki string) string { return spki + ".key" }

// TokenFile is the name of a token's file, from its digest.
func TokenFile(digest string) string { return TokenFolder + "/" + digest + ".token" }

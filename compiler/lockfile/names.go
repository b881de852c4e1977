package lockfile

// TokenFolder is the part of the key store that remote clusters need.
const TokenFolder = "remote"

// AgentsFolder is the part of the key store with a folder for each cluster whose agent's certificate relayform issues; it completes the
// cluster's client Secret.
const AgentsFolder = "agents"

// AgentFolder returns the folder of a cluster.
func AgentFolder(cluster string) string { return AgentsFolder + "/" + cluster }

// AgentKeyFile returns the file name of an agent's private key, from its cluster and SPKI digest.
func AgentKeyFile(cluster, spki string) string { return AgentFolder(cluster) + "/" + KeyFile(spki) }

// KeyFile returns the file name of a private key, from its SPKI digest.
func KeyFile(spki string) string { return spki + ".key" }

// TokenFile returns the file name of a token, from its digest.
func TokenFile(digest string) string { return TokenFolder + "/" + digest + ".token" }

package schema

// Clients is where the certificates of agents are: Folder has a file for each cluster, or Each names the files of each.
type Clients struct {
	Folder Path
	Each   map[string]KeyPair
}

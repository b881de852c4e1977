package schema

// Clients says where agents' certificates are: Folder has files for each cluster, or Each names the files of each cluster.
type Clients struct {
	Folder Path
	Each   map[string]KeyPair
}

package keystore

import (
	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

// Through replaces the store's disk, as the next run does.
func (s *Store) Through(disk folder.Disk) { s.folder.Disk = disk }

// Seal replaces the store's ring, as the next run does.
func (s *Store) Seal(ring seal.Ring) { s.ring = ring }

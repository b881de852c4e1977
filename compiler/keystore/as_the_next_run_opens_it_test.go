package keystore

import (
	"relayform/compiler/folder"
	"relayform/compiler/seal"
)

// Through has the store's changes made by another disk from here on, as the next run's are.
func (s *Store) Through(disk folder.Disk) { s.folder.Disk = disk }

// Seal has the store keep private files as another ring wants it, as the next run does.
func (s *Store) Seal(ring seal.Ring) { s.ring = ring }

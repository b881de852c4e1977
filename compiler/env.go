package compiler

import (
	"relayform/compiler/project"
)

// exclusively runs a command that acquires the project's hold with its first change.
func (c *compile) exclusively(run func() (*Result, error)) (*Result, error) {
	return project.WithHold(c.project, c.env.Who, func(h *project.Hold) (*Result, error) {
		c.hold = h
		return run()
	})
}

// acquire acquires the hold before anything is read; its Release ends it.
func (c *compile) acquire() (err error) {
	c.hold, err = project.Acquire(c.project, c.env.Who)
	return err
}

// disk makes a change under the hold.
func (c *compile) disk(op, path string, change func() error) error {
	return c.hold.Disk(c.env.Disk)(op, path, change)
}

package compiler

import (
	"relayform/compiler/project"
)

// exclusively does a run that takes the project's hold when it makes its first change.
func (c *compile) exclusively(run func() (*Result, error)) (*Result, error) {
	return project.WithHold(c.project, c.env.Who, func(h *project.Hold) (*Result, error) {
		c.hold = h
		return run()
	})
}

// acquire takes the hold before anything is read; its Release ends it.
func (c *compile) acquire() (err error) {
	c.hold, err = project.Acquire(c.project, c.env.Who)
	return err
}

// disk makes a change under the hold.
func (c *compile) disk(op, path string, change func() error) error {
	return c.hold.Disk(c.env.Disk)(op, path, change)
}

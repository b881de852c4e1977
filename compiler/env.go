package compiler

import (
	"relayform/compiler/project"
)

// held does a run that takes the project's hold when it makes its first change.
func (c *compile) held(run func() (*Result, error)) (*Result, error) {
	return project.WithHold(c.project, c.env.Who, func(h *project.Hold) (*Result, error) {
		c.hold = h
		return run()
	})
}

// holdNow takes the hold before anything is read; hold.release ends it.
func (c *compile) holdNow() (err error) {
	c.hold, err = project.Acquire(c.project, c.env.Who)
	return err
}

// disk makes a change under the hold.
func (c *compile) disk(op, path string, change func() error) error {
	return c.hold.Disk(c.env.Disk)(op, path, change)
}

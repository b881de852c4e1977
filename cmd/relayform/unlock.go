package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/keystore"
)

func newUnlock() *cobra.Command {
	var at files
	var remove bool
	c := &cobra.Command{
		Use:   "unlock [FILE]",
		Short: "Make what kubectl needs from an encrypted key store",
		Long: `Unlock decrypts the private files of a topology whose keys.encryptTo is set into the folder
unlocked of its key store, which git ignores, so that kubectl apply -k works. With --remove it removes
what it has made there, and nothing else.`,
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			project := at.project()
			plan, left, err := compiler.Unlock(project, env, remove)
			leftAlone(c.ErrOrStderr(), filepath.Join(project.Keys, keystore.UnlockedFolder), left)
			if err != nil || remove {
				return err
			}
			w := c.ErrOrStderr()
			say(w, "next:")
			say(w, "  %s", kubectlApply(project, plan, plan.Management.Name))
			say(w, "  then remove the plain keys from %s: %s", filepath.Join(project.Keys, keystore.UnlockedFolder), project.Command("unlock --remove"))
			return nil
		},
	}
	at.register(c)
	at.registerIdentity(c)
	c.Flags().BoolVar(&remove, "remove", false, "remove what unlock made")
	return c
}

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
	var output chosen
	all := unlockForms()
	ended := func(outcome unlockOutcome) *unlocking {
		p := at.project()
		return &unlocking{Outcome: outcome, Topology: filepath.ToSlash(p.Topology), Folder: filepath.Join(p.Keys, keystore.UnlockedFolder)}
	}
	c := &cobra.Command{
		Use:   "unlock [FILE]",
		Short: "Decrypt the private files that kubectl needs",
		Long: `If a topology sets keys.encryptTo, its private files are encrypted. Unlock decrypts them into the folder
unlocked of the key store, which git ignores, so that kubectl apply -k works. --remove removes what
unlock made, and nothing else.`,
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			project := at.project()
			unlocked, err := compiler.Unlock(project, env, remove)
			if err != nil {
				return err
			}
			done := ended(didUnlock)
			if remove {
				done.Outcome = didLock
			} else {
				var next nextSteps
				next.run("%s", kubectlApply(project, unlocked.Plan, unlocked.Plan.Management.Name))
				next.do("then remove the plain keys from %s: %s", done.Folder, project.Command("unlock --remove"))
				done.Next = next
			}
			done.command, done.Clusters, done.Left = c, unlocked.Clusters, unlocked.Left
			return all.write(c.OutOrStdout(), &output, *done)
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return ended(unlockRefused) })
	at.registerIdentity(c)
	c.Flags().BoolVar(&remove, "remove", false, "remove what unlock made")
	return c
}

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

func newRoot(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "relayform",
		Short: "Compile a mesh topology into per-cluster kustomize overlays",
		Long: `relayform compiles one topology file into per-cluster kustomize overlays that hold the
secrets and ingress objects of a relay-based multi-cluster mesh (Gloo Mesh).

Exit codes: 0 success; 1 the input has errors, or a check failed; 2 the command could not be done.

Pages of documentation, by relayform help TOPIC:
` + topicsInWords(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       versionOf(),
	}
	root.SetVersionTemplate(versionLine())
	if plugin := ownName(); strings.HasPrefix(plugin, "kubectl ") {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: plugin}
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	for _, job := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"begin", "To start:", []*cobra.Command{newInit(), newAdopt()}},
		{"write", "To compile:", []*cobra.Command{newVet(), newCompile(), newRender()}},
		{"judge", "To check:", []*cobra.Command{newVerify(), newReview(), newCerts()}},
		{"show", "To show:", []*cobra.Command{newReport(), newGraph()}},
		{"bring", "To apply:", []*cobra.Command{newApply(), newAddress(), newPush(), newUnlock()}},
		{"renew", "To renew:", []*cobra.Command{newRenew(), newGC()}},
		{"know", "To learn more:", []*cobra.Command{newExplain(), newSchema(), newVersion()}},
	} {
		root.AddGroup(&cobra.Group{ID: job.id, Title: job.title})
		for _, c := range job.commands {
			c.GroupID = job.id
			root.AddCommand(c)
		}
	}
	root.DisableSuggestions = true // cobra's suggestions take several lines
	root.SetHelpFunc(writeHelp)
	root.SetUsageFunc(writeUsage)
	root.SetHelpCommand(newHelp())
	root.SetHelpCommandGroupID("know")
	root.SetCompletionCommandGroupID("know")
	root.AddCommand(newJudge())
	if pages := newPages(); pages != nil {
		root.AddCommand(pages)
	}
	return root
}

// unknownCommand names the command that was probably meant, if the command line has an unknown one. It returns other errors unchanged.
func unknownCommand(root *cobra.Command, args []string, err error) error {
	if _, rest, unknown := root.Find(args); unknown != nil {
		if i := slices.IndexFunc(rest, func(a string) bool { return !strings.HasPrefix(a, "-") }); i >= 0 {
			return fmt.Errorf("unknown command %s; relayform help lists them%s", diag.Quote(rest[i]), diag.DidYouMean(rest[i], commandNames(root)))
		}
	}
	return err
}

// These errors end the program with exitShort or exitError when everything has already been reported.
var (
	errShort  = errors.New("the input has errors")
	errUndone = errors.New("something was not done")
)

// report prints the error of a command, and returns its exit code.
func report(c *cobra.Command, err error, stderr io.Writer) int {
	var faults diag.List
	var waiting issue.WaitingError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errShort):
		return exitShort
	case errors.Is(err, errUndone):
		return exitError
	case errors.As(err, &faults):
		var text strings.Builder
		style := style(stderr)
		style.Width = screen(stderr).Width
		_ = faults.WriteStyled(&text, style)
		_, _ = io.WriteString(stderr, typedBesideSources(text.String(), ownName()))
		if others := besides(err); others != nil {
			return report(c, others, stderr)
		}
		return exitShort
	case errors.As(err, &waiting):
		sayWaiting(stderr, projectOf(c), waiting)
		return exitShort
	}
	lines, hint := lacks(c, err)
	if len(lines) == 0 {
		for _, one := range joined(err) {
			say(stderr, "relayform: %s", one)
		}
		return exitError
	}
	for _, line := range lines {
		say(stderr, "relayform: %s", line)
	}
	say(stderr, "  hint: %s", hint)
	return exitShort
}

// joined returns each error of a joined error. Each is told on one line, whatever it quotes.
func joined(err error) []error {
	var all []error
	var lines []string
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			for _, line := range joined(one) {
				all, lines = append(all, line), append(lines, line.Error())
			}
		}
	}
	if strings.Join(lines, "\n") != err.Error() {
		return []error{err}
	}
	return all
}

// environment returns the real outside world: clock, randomness, git, network and clusters.
func environment() compiler.Env {
	host, _ := os.Hostname()
	return compiler.Env{
		Now:     time.Now(),
		NewKey:  pki.GenerateKey,
		Tracked: trackedByGit,
		InGit:   stateInGit,
		Kubectl: new(program).run,
		Dial:    new(net.Dialer).DialContext,

		LookupEnv: os.LookupEnv,
		Judge:     judgeApart,
		Who:       fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().Format(time.RFC3339)),
	}
}

// trackedByGit lists what git tracks at or below a path; nothing if there is no git, or no repository.
func trackedByGit(path string) ([]string, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, nil
	}
	dir := path
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil, nil
		}
		dir = parent
	}
	below, err := filepath.Rel(dir, path) // git does not resolve symbolic links in an absolute path
	if err != nil {
		return nil, err
	}
	out, err := exec.Command(git, "--literal-pathspecs", "-C", dir, "ls-files", "-z", "--", below).Output()
	if err != nil {
		return nil, nil // not a repository
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), nil
}

package emit

import (
	"fmt"
	"path"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/compiler/shell"
	"relayform/schema/diag"
)

// RunbookPaths are the paths in a runbook's commands, relative to the topology's directory.
type RunbookPaths struct {
	Dir      string   // the topology's folder; empty if commands run in it
	Topology string   // the topology file
	Build    string   // the build folder, as passed to kubectl
	Flags    string   // relayform's flags for folders other than the default
	Commit   []string // what to commit
	Address  string   // the command that finds the relay's address and writes it to the topology
}

// RunbookRemotes is the maximum number of remotes with their own commands in the runbook; for more, it loops over a list.
const RunbookRemotes = 20

const RemotesFile = "remotes.txt"

// runbook returns the commands for this topology, in order.
func (e *emitter) runbook(at RunbookPaths) string {
	p := e.plan
	r := &runbook{emitter: e, at: at}
	r.printf("<!-- %s -->\n# %s: from here to a running mesh\n\n", manifest.Header, p.Name)
	where := "on a machine that has the private keys"
	switch {
	case !p.Product.Private():
		where = "on any machine that reaches the clusters"
	case p.Deliver != nil && p.ExternalSecrets == nil:
		where = "on any machine that reaches the clusters"
	case p.ExternalSecrets != nil:
		where = "on any machine; only relayform push needs the private keys"
	case p.Sops != nil:
		where = "on a machine that has the private keys, or an identity that decrypts the values in git (`--identity FILE`, or RELAYFORM_IDENTITY)"
	case p.SealedSecrets != nil:
		where = "on any machine"
	}
	r.printf("Run every command in the directory of `%s`, %s.\n", diag.Printable(at.Topology), where)
	if p.Local() && len(p.EncryptTo) > 0 {
		r.printf("The private keys are encrypted: first run `%s`, which writes what kubectl needs; afterwards `%s` deletes it.\n", r.relayform("unlock"), r.relayform("unlock --remove"))
	}
	for i, way := range p.Ways() {
		if needs := way.Needs; needs != "" && i == 0 {
			r.printf("Before you begin: %s.\n", needs)
		} else if needs != "" && needs != p.Ingress.Needs {
			r.printf("For the telemetry gateway: %s.\n", needs)
		}
	}
	r.requested()
	r.rotation()
	if p.Deliver != nil {
		r.delivered()
	} else {
		r.applied()
	}
	r.moving()
	return r.b.String()
}

// applied lists the steps for users who apply the overlays themselves.
func (r *runbook) applied() {
	p, m := r.plan, r.plan.Management
	management := shell.Word(m.Context)
	r.store()
	r.issuers()
	r.step("Apply the management cluster")
	r.sh("%s", r.awaited(true, management, r.apply(m.Name, management)))
	r.step("Install the server's chart")
	r.server()
	r.step("Find the relay's address")
	r.address()
	r.telemetryAddress()
	r.step("Apply the remote clusters")
	r.each(func(cluster, context string) string { return r.awaited(false, context, r.apply(cluster, context)) })
	if len(p.Remotes) > 1 {
		r.printf("\n`%s` applies all clusters: it checks first, applies the management cluster, then the remotes in parallel, and says how to continue if one fails.\n", r.relayform("apply"))
	}
	r.step("Register the clusters")
	r.register()
	r.step("Install the agents")
	r.agents()
	r.step("Check")
	r.sh("kubectl --context %s --namespace %s get kubernetesclusters", management, p.Namespace)
	r.each(func(_, context string) string {
		return fmt.Sprintf("kubectl --context %s --namespace %s rollout status deployment/%s", context, p.Namespace, p.Product.AgentDeployment)
	})
	r.renewals()
}

type runbook struct {
	*emitter
	at    RunbookPaths
	b     strings.Builder
	steps int
}

func (r *runbook) printf(format string, args ...any) { fmt.Fprintf(&r.b, format, args...) }

func (r *runbook) step(title string) {
	r.steps++
	r.printf("\n## %d. %s\n\n", r.steps, title)
}

func (r *runbook) sh(format string, args ...any) {
	r.printf("```sh\n"+format+"\n```\n", args...)
}

// helm returns the command that installs a chart. The context and the values are shell words.
func (r *runbook) helm(c product.Chart, context, values string) string {
	s := fmt.Sprintf("helm upgrade --install %s %s --repo %s \\\n  --kube-context %s --namespace %s", c.Name, c.Name, c.Repo, context, r.plan.Namespace)
	if v := r.plan.Charts.Version; v != "" {
		s += " --version " + v
	} else if r.plan.Product.Succeeded {
		s += fmt.Sprintf(" --version '<%s.0'", r.plan.Product.Versions.Before)
	}
	if values == "" {
		return s
	}
	s += " \\\n  --values " + values
	for _, own := range r.plan.Charts.Values {
		s += " \\\n  --values " + shell.Item(path.Join(r.at.Dir, own.Path))
	}
	return s
}

// relayform returns a relayform command for this topology.
func (r *runbook) relayform(verb string) string {
	return "relayform " + verb + " " + shell.Path(r.at.Topology) + r.at.Flags
}

func (r *runbook) crds(context string) string {
	if r.plan.Product.CRDChart.Name == "" {
		return ""
	}
	return r.helm(r.plan.Product.CRDChart, context, "") + "\n"
}

func (r *runbook) server() {
	p := r.plan
	context := shell.Word(p.Management.Context)
	if p.Charts.Version == "" {
		newest := "the newest version"
		if p.Product.Succeeded {
			newest += " before " + p.Product.Versions.Before
		}
		r.printf("charts.version is not set: helm installs %s, so later installations may be newer than this one.\n\n", newest)
	}
	r.sh("%s%s%s", r.crds(context), r.helm(p.Product.ServerChart, context, r.item(p.Management.Name, valuesFile)), r.licensed())
}

// licensed returns the flag that sets a server chart's licence key.
func (r *runbook) licensed() string {
	return fmt.Sprintf(" \\\n  --set %s=\"$LICENSE_KEY\"", r.plan.Product.ServerChart.License)
}

func (r *runbook) agents() {
	p := r.plan
	if p.Management.Agent && !p.Product.OneChart() {
		r.sh("%s", r.helm(p.Product.AgentChart, shell.Word(p.Management.Context), r.item(p.Management.Name, agentValuesFile)))
	}
	r.each(func(cluster, context string) string {
		return r.crds(context) + r.helm(p.Product.AgentChart, context, r.item(cluster, valuesFile))
	})
}

func (r *runbook) register() {
	if len(r.plan.Agents()) == 0 {
		r.printf("The topology has no agents.\n")
		return
	}
	r.printf("The server's chart has installed the CRD of these objects. An agent crash-loops until its cluster is registered.\n\n")
	r.sh("%s", r.registration())
}

// registration returns the command that registers the clusters.
func (r *runbook) registration() string {
	registration, isFile := r.plan.Registration()
	from := "-k " + r.file(registration)
	if isFile {
		from = "-f " + r.item(registration)
	}
	return fmt.Sprintf("kubectl --context %s apply %s", shell.Word(r.plan.Management.Context), from)
}

// file returns a path in the build folder as a shell word. The names may be quoted variables.
func (r *runbook) file(names ...string) string {
	return shell.Path(r.at.Build) + "/" + strings.Join(names, "/")
}

// item returns the same as an item in a list of files, as helm --values and kubectl -f accept it.
func (r *runbook) item(names ...string) string {
	item := shell.Item(r.at.Build)
	if item == r.at.Build {
		return r.file(names...)
	}
	return shell.Word(item[:len(item)-1]) + "/" + strings.Join(names, "/") + shell.Word(`"`)
}

// address says how to find the address that agents dial, if the topology does not have it yet.
func (r *runbook) address() {
	p := r.plan
	known := p.RelayAddress
	if known != "" {
		r.printf("The topology has it: `%s`. To read it from the cluster:\n\n", known)
	}
	r.sh("%s", r.relayform("address"))
	r.printf("\nBy hand:\n\n")
	r.sh("%s", p.Ingress.Where.Command(shell.Word(p.Management.Context)))
	if known == "" {
		r.printf("\nWrite it into `%s` as `management.relayAddress` (`%s` finds and writes it), then compile again and commit:\n\n", diag.Printable(r.at.Topology), r.at.Address)
		r.sh("%s", r.relayform("compile"))
		r.printf("\nUntil then the remotes' %s name no address, and their agents cannot start.\n", valuesFile)
	}
}

// each prints a command for every remote, or a loop over their list.
func (r *runbook) each(command func(cluster, context string) string) {
	remotes := r.plan.Remotes
	switch {
	case len(remotes) == 0:
		r.printf("The topology has no remotes.\n")
	case len(remotes) > RunbookRemotes:
		r.sh("grep -v '^#' %s | while read -r cluster context; do {\n%s\n} </dev/null; done", r.file(RemotesFile), command(`"$cluster"`, `"$context"`))
	default:
		lines := make([]string, len(remotes))
		for i, c := range remotes {
			lines[i] = command(c.Name, shell.Word(c.Context))
		}
		r.sh("%s", strings.Join(lines, "\n"))
	}
}

// remotesList writes the list for the runbook's loops: a line for each remote, with name and context.
func (e *emitter) remotesList() {
	if len(e.plan.Remotes) <= RunbookRemotes {
		return
	}
	b := append(make([]byte, 0, 64*len(e.plan.Remotes)), Header...)
	for _, c := range e.plan.Remotes {
		b = append(append(append(append(b, c.Name...), ' '), c.Context...), '\n')
	}
	e.file(RemotesFile, b)
}
